"""The months and weekdays as people write them: English, German, French, Spanish, Italian, Portuguese, Dutch. Data only.

Names are in lower case and without a dot. No name means two months in two of the languages.
"""

_MONTHS = (
    "jan january januar jänner jaenner janv janvier ene enero gen gennaio janeiro januari",
    "feb february februar fév fev févr fevr février fevrier febrero febbraio fevereiro februari",
    "mar march mär mrz märz maerz mars marzo março marco mrt maart",
    "apr april avr avril abr abril aprile",
    "may mai mayo mag maggio maio mei",
    "jun june juni juin junio giu giugno junho",
    "jul july juli juil juillet julio lug luglio julho",
    "aug august aoû aou août aout ago agosto augustus",
    "sep sept september septembre septiembre set settembre setembro",
    "oct october okt oktober octobre octubre ott ottobre out outubro",
    "nov november novembre noviembre novembro",
    "dec december dez dezember déc décembre decembre dic diciembre dicembre dezembro",
)
MONTHS: dict[str, int] = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}

WEEKDAYS: tuple[str, ...] = tuple(
    (
        "mon monday mo montag lun lundi lunes lunedì seg segunda ma maandag "
        "tue tues tuesday di dienstag mar mardi martes martedì ter terça dinsdag "
        "wed wednesday mi mittwoch mer mercredi mié miércoles mercoledì qua quarta wo woensdag "
        "thu thur thurs thursday do donnerstag jeu jeudi jue jueves gio giovedì qui quinta donderdag "
        "fri friday fr freitag ven vendredi vie viernes venerdì sex sexta vr vrijdag "
        "sat saturday sa samstag sam samedi sáb sábado sabato za zaterdag "
        "sun sunday so sonntag dim dimanche dom domingo domenica zo zondag"
    ).split()
)
