"""What staff of the demo network wrote: notes, texts for patrons, comments and reasons, in more
than one script."""

STAFF_NOTES = (
    "Called on Monday, no answer.",
    "Asked for a payment plan; see the letter in the file.",
    "Returned the books wet. Photographs are at the desk.",
    "Réponse attendue avant la fin du mois.",
    "Hat versprochen, den Ausweis nachzureichen.",
    "Dijo que la dirección nueva llegará por correo.",
    "وعد بإعادة الكتاب يوم الأحد.",
    "已通过电话联系，下周归还。",
    "다음 주에 반납하겠다고 함.",
    "Обіцяв заплатити до п’ятниці.",
    "הבטיח להחזיר ביום שלישי.",
    "Two lines:\nfirst notice in spring,\nsecond notice in autumn.",
)

PATRON_TEXTS = (
    "Please come to the circulation desk with your identity card.",
    "Your fees are above the limit. Pay online or at any desk.",
    "Veuillez passer au comptoir de prêt.",
    "Bitte melden Sie sich an der Theke.",
    "Por favor, confirme su dirección en el mostrador.",
    "يرجى مراجعة مكتب الإعارة.",
    "请到流通台办理。",
    "대출 데스크로 와 주세요.",
    "貸出カウンターまでお越しください。",
)

COMMENTS = (
    "Banned from all buildings until the hearing.",
    "Gave a false name; identity is being checked.",
    "Compte suspendu à la demande de la direction. 📵",
)

REMOVAL_REASONS = (
    "Paid in full.",
    "Entered for the wrong patron.",
    "The item was found on the shelf.",
    "Identity was shown at the desk.",
)

USER_NOTES = (
    ("Prefers to be called in the afternoon.", False, False),
    ("Has a parcel at the desk.", True, True),
    ("Uses a wheelchair: bring items down from the gallery.", False, True),
    ("Préfère être servie en français.", False, True),
    ("עברית או אנגלית.", False, False),
    ("Your reading room seat is number 14.", True, False),
)
"""Text, whether the patron may read it, and whether it opens with the record."""
