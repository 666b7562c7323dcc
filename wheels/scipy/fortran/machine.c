/* What LAPACK asks the machine, and how it complains. */
#include <float.h>
#include <stdio.h>

#include "f2c.h"

#define LIMIT(letter, of_float, of_double) \
    case letter:                           \
        return is_double ? of_double : of_float

static doublereal
limit(char letter, int is_double)
{
    switch (letter & ~0x20) {
        LIMIT('E', FLT_EPSILON / 2, DBL_EPSILON / 2);
        LIMIT('S', FLT_MIN, DBL_MIN);
        LIMIT('B', FLT_RADIX, FLT_RADIX);
        LIMIT('P', FLT_EPSILON, DBL_EPSILON);
        LIMIT('N', FLT_MANT_DIG, DBL_MANT_DIG);
        LIMIT('R', 1, 1);
        LIMIT('M', FLT_MIN_EXP, DBL_MIN_EXP);
        LIMIT('U', FLT_MIN, DBL_MIN);
        LIMIT('L', FLT_MAX_EXP, DBL_MAX_EXP);
        LIMIT('O', FLT_MAX, DBL_MAX);
    }
    return 0;
}

real
slamch_(char *letter)
{
    return (real)limit(*letter, FALSE_);
}

doublereal
dlamch_(char *letter)
{
    return limit(*letter, TRUE_);
}

/* Sums as numbers are kept in memory. */
real
slamc3_(real *a, real *b)
{
    return *a + *b;
}

doublereal
dlamc3_(doublereal *a, doublereal *b)
{
    return *a + *b;
}

/* A number of elements as LAPACK returns it in an array of numbers: not less than it is. */
real
sroundup_lwork_(integer *length)
{
    real rounded = (real)*length;
    return (doublereal)rounded < *length ? nextafterf(rounded, INFINITY) : rounded;
}

doublereal
droundup_lwork_(integer *length)
{
    return *length;
}

/* Called for an argument that is not valid. Fortran's ends the program. */
void
xerbla_(char *name, integer *argument)
{
    fprintf(stderr, " ** On entry to %-6s parameter number %2d had an illegal value\n", name, *argument);
}

void
xerbla_array_(char *name, integer *length, integer *argument)
{
    char copy[32] = "";
    memcpy(copy, name, (size_t)max(0, min(*length, 31)));
    xerbla_(copy, argument);
}

/* Parameters of the algorithms in two stages, which are left out. */
integer
iparam2stage_(integer *ispec, char *name, char *options, integer *ni, integer *nbi, integer *ibi, integer *nxi)
{
    (void)ispec, (void)name, (void)options, (void)ni, (void)nbi, (void)ibi, (void)nxi;
    return -1;
}
