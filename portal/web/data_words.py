"""What each file of the download of everything holds, in a sentence."""

from portal.web.language import marked as N_

SHEETS = {
    "agreements": N_("Your agreements, and where each stands."),
    "applications": N_("Applications for a plan, with your own answers."),
    "assessments": N_("The tax that was assessed."),
    "authorizations": N_("What was signed, word for word."),
    "bank_accounts": N_("Bank accounts that were given to us, by their last four digits."),
    "calendar_feeds": N_("Secret addresses that you made for your calendar: when, and until when."),
    "ledger": N_("Every entry of the books."),
    "mails": N_("Mail to you and to your employer: what about, and when. Its text is wiped once it is sent."),
    "new_balances": N_("Debts that were assessed during an agreement."),
    "notices": N_("What we told you, with the figures in it."),
    "objections": N_("Where somebody of the account said that we should not have looked."),
    "password_resets": N_("When you asked for a new password."),
    "payment_steps": N_("What became of each payment, step by step."),
    "payments": N_("Every payment."),
    "payroll_deductions": N_("What an employer was asked to deduct, and what it answered."),
    "recovery_codes": N_("Your recovery codes: only whether each was used."),
    "registrations": N_("Registrations with your email address."),
    "remittances": N_("What an employer said it had sent."),
    "second_factors": N_("Since when you have a second factor."),
    "sign_ins": N_("When you signed in and out."),
    "spouses": N_("You, as the other person of a joint return."),
    "support_requests": N_("What our people asked to be allowed, and what was answered."),
    "support_sessions": N_("When our people looked at the account as you see it, and why."),
    "tax_periods": N_("Tax years: when the tax was due, and when the return was filed."),
    "taxpayers": N_("Who the account is of. Only that person sees the date of birth and telephone number."),
    "terms": N_("What each agreement asked for, and from when."),
    "trail": N_("Everything that was done to the account or by you: what, when, and by whom."),
    "users": N_("You, as the one who signs in."),
}
