"""Common given names, by which a column of people is known where its header does not say so.

The most frequent ones of the English, German, French, Spanish, Italian, Portuguese, Dutch, Nordic, Polish, Turkish,
Arabic, Indian, Chinese and Japanese speaking worlds. Names of months are left out: they head columns of figures.
"""

__all__ = ["GIVEN_NAMES"]

GIVEN_NAMES = frozenset(
    (
        # English
        "james john robert michael william david richard joseph thomas charles christopher daniel matthew anthony mark donald steven paul "
        "andrew joshua kenneth kevin brian george timothy ronald edward jason jeffrey ryan jacob gary nicholas eric jonathan stephen larry "
        "justin scott brandon benjamin samuel gregory alexander frank patrick raymond jack dennis jerry tyler aaron adam nathan henry "
        "peter simon oliver harry liam noah ethan lucas logan mason luke owen dylan connor callum graham colin neil stuart ian alan "
        "mary patricia jennifer linda elizabeth barbara susan jessica sarah karen lisa nancy betty sandra margaret ashley kimberly emily donna "
        "michelle carol amanda melissa deborah stephanie rebecca sharon laura cynthia kathleen amy angela shirley anna brenda pamela emma "
        "nicole helen samantha katherine christine rachel carolyn janet catherine maria heather diane olivia julie joyce victoria kelly "
        "lauren christina joan evelyn judith megan andrea cheryl hannah jacqueline martha gloria teresa sara janice julia alice sophia "
        "isabella charlotte amelia chloe lucy ella fiona gemma zoe claire jane kate bob bill jim tom tim mike steve dave chris alex sam ben matt "
        # German, Dutch, Nordic
        "hans klaus jürgen juergen wolfgang günter gunter uwe dieter bernd stefan andreas markus thorsten torsten jens jörg joerg holger ralf "
        "matthias florian sebastian tobias felix maximilian jonas lukas finn leon elias ursula monika petra sabine renate heike martina "
        "birgit anja katrin kathrin silke susanne ingrid brigitte annette claudia lena leonie mia franziska heinrich friedrich fritz karl "
        "pieter willem johannes kees sanne anouk fleur lars sven erik nils magnus bjorn björn anders henrik mikkel jesper astrid freja "
        "sigrid ingeborg solveig maja elin linnea karin "
        # French
        "jean pierre michel philippe alain nicolas christophe laurent frédéric frederic olivier françois francois julien antoine guillaume "
        "mathieu thierry marie nathalie isabelle sylvie catherine valérie valerie sophie céline celine camille léa lea manon chloé aurélie "
        "émilie emilie hélène helene margaux "
        # Spanish, Portuguese, Italian
        "josé jose juan carlos luis jorge manuel francisco miguel antonio javier pedro sergio fernando alberto rafael diego pablo alejandro "
        "andrés andres ana carmen isabel lucía lucia pilar rosa elena cristina marta paula raquel mercedes dolores joão joao paulo rodrigo "
        "tiago beatriz mariana inês fernanda juliana giuseppe giovanni marco andrea francesco alessandro matteo lorenzo luca stefano roberto "
        "giulia francesca chiara valentina alessia elisa federica sofia "
        # Polish, Turkish, Russian and other Slavic
        "piotr krzysztof andrzej tomasz paweł pawel michał michal marcin agnieszka katarzyna małgorzata malgorzata joanna magdalena ewa "
        "mehmet mustafa ahmet ali hüseyin huseyin ayşe ayse fatma zeynep elif ivan dmitri dmitry sergei sergey alexei alexey vladimir "
        "nikolai olga tatiana natalia svetlana irina ekaterina milan jovana petar ivana jana tereza "
        # Arabic, Persian, Hebrew
        "mohammed mohamed muhammad ahmed omar hassan hussein ibrahim khaled youssef fatima aisha layla leila mariam noor reza hossein david "
        "yael noa avi moshe "
        # Indian
        "amit rahul rajesh sanjay suresh ramesh vijay anil sunil ravi arjun rohan vikram aditya priya anjali neha pooja kavita sunita deepika "
        "lakshmi divya "
        # East Asian, as they are written in Latin letters
        "wei fang xiaoming jing ming hui yan hiroshi takashi kenji satoshi yuki sakura haruto akiko yoko min-jun ji-hoon seo-yeon nguyen"
    ).split()
)
