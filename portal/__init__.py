"""The portal for tax installment agreements."""
