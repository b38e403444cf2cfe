"""What each built-in function answers, in one line of each language: read by `tests.feel.reference`."""

# ruff: noqa: E501

_LINES = """
date | the day that a text, a date and time, or three numbers write | le jour qu’écrivent un texte, une date et heure ou trois nombres
date and time | the moment that a text writes, or that a day and a time make | le moment qu’écrit un texte, ou que forment un jour et une heure
duration | the duration that a text such as `P3D` or `P1Y2M` writes | la durée qu’écrit un texte comme `P3D` ou `P1Y2M`
number | the number that a text writes, with the separators given | le nombre qu’écrit un texte, avec les séparateurs donnés
string | the value as FEEL writes it; null of null | la valeur telle que FEEL l’écrit ; null pour null
time | the time of day that a text, a date and time, or three numbers write | l’heure qu’écrivent un texte, une date et heure ou trois nombres
years and months duration | whole months from the day of one to that of the other | les mois entiers du jour de l’un à celui de l’autre
is | whether both are the same value, of the same zone too; an argument left out is null | si les deux sont la même valeur, fuseau compris ; un argument absent vaut null
not | true for false, false for true; null for anything else | vrai pour faux, faux pour vrai ; null pour le reste
contains | whether the text holds the other one | si le texte contient l’autre
ends with | whether the text ends with the other one | si le texte finit par l’autre
lower case | the text in small letters | le texte en minuscules
matches | whether the pattern is found anywhere in the text | si le motif se trouve quelque part dans le texte
replace | the text with each match of the pattern replaced; `$1` is the first group | le texte où chaque occurrence du motif est remplacée ; `$1` est le premier groupe
split | the pieces of the text between the matches of a pattern | les morceaux du texte entre les occurrences d’un motif
starts with | whether the text begins with the other one | si le texte commence par l’autre
string join | the texts of the list one after the other, nulls left out | les textes de la liste à la suite, sans les null
string length | how many characters the text has | le nombre de caractères du texte
substring | the characters from a position, counted from 1, or from -1 at the end | les caractères à partir d’une position, comptée depuis 1, ou depuis -1 par la fin
substring after | what follows the first match; empty when there is none | ce qui suit la première occurrence ; vide s’il n’y en a pas
substring before | what precedes the first match; empty when there is none | ce qui précède la première occurrence ; vide s’il n’y en a pas
trim | the text without the spaces around it (not in the standard) | le texte sans les espaces qui l’entourent (hors norme)
upper case | the text in capital letters | le texte en majuscules
all | false if any is false, else null if any is not true or false, else true | faux si l’un est faux, sinon null si l’un n’est ni vrai ni faux, sinon vrai
any | true if any is true, else null if any is not true or false, else false | vrai si l’un est vrai, sinon null si l’un n’est ni vrai ni faux, sinon faux
append | the list with more items at its end | la liste augmentée d’éléments à la fin
concatenate | the items of all lists, one list after the other | les éléments de toutes les listes, l’une après l’autre
count | how many items the list has | le nombre d’éléments de la liste
distinct values | the items, of equal ones the first only | les éléments, le premier seul de ceux qui sont égaux
duplicate values | each item that occurs more than once (not in the standard) | chaque élément présent plusieurs fois (hors norme)
flatten | the items of all lists within lists, as one list | les éléments de toutes les listes imbriquées, en une seule liste
index of | every position of an equal item, from 1 | toutes les positions d’un élément égal, depuis 1
insert before | the list with an item put in before a position | la liste avec un élément inséré avant une position
is empty | whether the list has no item (not in the standard) | si la liste n’a aucun élément (hors norme)
list contains | whether an item of the list is equal to the element | si un élément de la liste est égal à celui-ci
list replace | the list with the item at a position, or those that `match` chooses, replaced | la liste où l’élément d’une position, ou ceux que `match` choisit, sont remplacés
max | the greatest item; null when there is none or they have no order | le plus grand élément ; null s’il n’y en a pas ou s’ils n’ont pas d’ordre
mean | the mean; null when empty | la moyenne ; null si la liste est vide
median | the middle number, or the mean of the two in the middle; null when empty | le nombre du milieu, ou la moyenne des deux du milieu ; null si la liste est vide
min | the least item; null when there is none or they have no order | le plus petit élément ; null s’il n’y en a pas ou s’ils n’ont pas d’ordre
mode | the most frequent numbers, in ascending order | les nombres les plus fréquents, par ordre croissant
product | the product of the numbers; null when empty | le produit des nombres ; null si la liste est vide
remove | the list without the item at a position | la liste sans l’élément d’une position
reverse | the items in the opposite order | les éléments dans l’ordre inverse
stddev | the standard deviation of a sample; null for fewer than two numbers | l’écart type d’un échantillon ; null pour moins de deux nombres
sublist | the items from a position, as many as asked | les éléments à partir d’une position, autant que demandé
sum | the sum of numbers, or of durations; null when empty | la somme des nombres, ou des durées ; null si la liste est vide
union | the items of all lists, each once | les éléments de toutes les listes, une fois chacun
abs | the number or the duration without its sign | le nombre ou la durée sans son signe
ceiling | the next number above with so many decimals, 0 unless said | le nombre immédiatement supérieur à tant de décimales, 0 par défaut
decimal | rounded to so many decimals, a half to the even digit | arrondi à tant de décimales, une moitié vers le chiffre pair
even | whether the number is even | si le nombre est pair
exp | e to the power of the number | e à la puissance du nombre
floor | the next number below with so many decimals, 0 unless said | le nombre immédiatement inférieur à tant de décimales, 0 par défaut
log | the natural logarithm; null for zero and below | le logarithme naturel ; null pour zéro et moins
modulo | the remainder of the division, with the sign of the divisor | le reste de la division, avec le signe du diviseur
odd | whether the number is odd | si le nombre est impair
round down | rounded towards zero | arrondi vers zéro
round half down | rounded to the nearest, a half towards zero | arrondi au plus proche, une moitié vers zéro
round half up | rounded to the nearest, a half away from zero | arrondi au plus proche, une moitié en s’éloignant de zéro
round up | rounded away from zero | arrondi en s’éloignant de zéro
sqrt | the square root; null below zero | la racine carrée ; null sous zéro
day of week | the English name of the day, as the standard says | le nom anglais du jour, comme le veut la norme
day of year | the number of the day in its year, from 1 | le rang du jour dans l’année, depuis 1
last day of month | the last day of the month of the date (not in the standard) | le dernier jour du mois de la date (hors norme)
month of year | the English name of the month, as the standard says | le nom anglais du mois, comme le veut la norme
now | the present moment, in the zone of the town | le moment présent, dans le fuseau de la commune
today | the present day, in the zone of the town | le jour présent, dans le fuseau de la commune
week of year | the number of the ISO week | le numéro de la semaine ISO
after | whether the first lies wholly after the second | si le premier est entièrement après le second
before | whether the first lies wholly before the second | si le premier est entièrement avant le second
coincides | whether both begin and end together | si les deux commencent et finissent ensemble
during | whether the first lies within the second | si le premier est contenu dans le second
finished by | whether the range ends where the other one does | si l’intervalle finit où finit l’autre
finishes | whether the first ends the range | si le premier finit l’intervalle
includes | whether the range holds the other one | si l’intervalle contient l’autre
meets | whether the first range ends where the second begins | si le premier intervalle finit où le second commence
met by | whether the first range begins where the second ends | si le premier intervalle commence où le second finit
overlaps | whether the two ranges have a part in common | si les deux intervalles ont une partie commune
overlaps after | whether the first range begins within the second and ends after it | si le premier intervalle commence dans le second et finit après lui
overlaps before | whether the first range begins before the second and ends within it | si le premier intervalle commence avant le second et finit dans lui
range | the range that a text such as `[18..21)` writes; its ends are literals | l’intervalle qu’écrit un texte comme `[18..21)` ; ses bornes sont des constantes
started by | whether the range begins where the other one does | si l’intervalle commence où commence l’autre
starts | whether the first begins the range | si le premier commence l’intervalle
context | the context of a list of `key` and `value`; null for a key given twice | le contexte d’une liste de `key` et `value` ; null pour une clé donnée deux fois
context merge | the entries of all contexts, the later ones winning | les entrées de tous les contextes, les dernières l’emportant
context put | the context with this entry, at a key or along several | le contexte avec cette entrée, à une clé ou au bout de plusieurs
get entries | one context of `key` and `value` for each entry | un contexte de `key` et `value` par entrée
get value | the value of an entry, or along several keys; null when there is none | la valeur d’une entrée, ou au bout de plusieurs clés ; null s’il n’y en a pas
sort | the items in ascending order, or as `precedes` says | les éléments par ordre croissant, ou selon `precedes`
add working days | the n-th working day after, at the same time of day; for 0 the day itself, or the next working day | le n-ième jour ouvré qui suit, à la même heure ; pour 0 le jour même, ou le jour ouvré suivant
is working day | whether it is Monday to Friday and no French public holiday | si c’est un jour du lundi au vendredi, hors jours fériés français
decide | what a decision of the bundle answers for these inputs, or for the variables | ce que répond une décision du paquet pour ces entrées, ou pour les variables
"""
DESCRIPTIONS: dict[str, dict[str, str]] = {
    name: {"en": english, "fr": french}
    for name, english, french in (line.split(" | ") for line in _LINES.strip().splitlines())
}
