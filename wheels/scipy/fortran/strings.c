/* Strings in Fortran: as long as they are declared, with blanks at the end. */
#include "f2c.h"

void
s_copy(char *to, char *from, ftnlen to_length, ftnlen from_length)
{
    ftnlen length = min(to_length, from_length);
    memmove(to, from, (size_t)length);
    memset(to + length, ' ', (size_t)(to_length - length));
}

/* Joins `count` strings. */
void
s_cat(char *to, char **parts, integer *lengths, integer *count, ftnlen to_length)
{
    ftnlen at = 0;
    for (integer part = 0; part < *count && at < to_length; part++) {
        ftnlen length = min(lengths[part], to_length - at);
        memcpy(to + at, parts[part], (size_t)length);
        at += length;
    }
    memset(to + at, ' ', (size_t)(to_length - at));
}

integer
s_cmp(char *one, char *other, ftnlen one_length, ftnlen other_length)
{
    for (ftnlen i = 0; i < max(one_length, other_length); i++) {
        unsigned char a = i < one_length ? one[i] : ' ', b = i < other_length ? other[i] : ' ';
        if (a != b)
            return a < b ? -1 : 1;
    }
    return 0;
}

integer
i_len(char *text, ftnlen length)
{
    (void)text;
    return length;
}

/* LAPACK's function, whose result is a character for Cython's declarations, and not an argument as f2c has it. */
char
chla_transtype_(integer *number)
{
    switch (*number) {
    case 111:
        return 'N';
    case 112:
        return 'T';
    case 113:
        return 'C';
    default:
        return 'X';
    }
}
