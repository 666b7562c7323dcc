/* Functions and operators of Fortran, for one kind of real numbers and the complex numbers of that kind. */
#ifndef NUMBER
#include "f2c.h"

static integer
power_of_integers(integer base, integer exponent)
{
    if (exponent < 0)
        return base == 1 ? 1 : base == -1 ? (exponent & 1 ? -1 : 1) : base == 0 ? 1 / base : 0;
    unsigned result = 1, square = (unsigned)base;
    for (; exponent; exponent >>= 1, square *= square) {
        if (exponent & 1)
            result *= square;
    }
    return (integer)result;
}

integer
pow_ii(integer *base, integer *exponent)
{
    return power_of_integers(*base, *exponent);
}

integer
i_nint(real *x)
{
    return (integer)round(*x);
}

integer
i_dnnt(doublereal *x)
{
    return (integer)round(*x);
}

doublereal
pow_dd(doublereal *base, doublereal *exponent)
{
    return pow(*base, *exponent);
}

#define CAT_(a, b) a##b
#define CAT(a, b) CAT_(a, b)

#define NUMBER real
#define COMPLEX complex
#define REAL(name) CAT(r_, name)
#define OF_COMPLEX(name) CAT(c_, name)
#define POWER_OF_REAL pow_ri
#define POWER_OF_COMPLEX pow_ci
#include "numbers.c"
#undef NUMBER
#undef COMPLEX
#undef REAL
#undef OF_COMPLEX
#undef POWER_OF_REAL
#undef POWER_OF_COMPLEX

#define NUMBER doublereal
#define COMPLEX doublecomplex
#define REAL(name) CAT(d_, name)
#define OF_COMPLEX(name) CAT(z_, name)
#define POWER_OF_REAL pow_di
#define POWER_OF_COMPLEX pow_zi
#include "numbers.c"

#else

doublereal
REAL(sign)(NUMBER *size, NUMBER *sign)
{
    return copysign(*size, *sign);
}

doublereal
REAL(imag)(COMPLEX *z)
{
    return z->i;
}

doublereal
REAL(lg10)(NUMBER *x)
{
    return log10(*x);
}

void
REAL(cnjg)(COMPLEX *result, COMPLEX *z)
{
    *result = (COMPLEX){z->r, -z->i};
}

doublereal
OF_COMPLEX(abs)(COMPLEX *z)
{
    return hypot(z->r, z->i);
}

/* By Smith's algorithm, which does not square the divisor. */
static COMPLEX
OF_COMPLEX(quotient)(COMPLEX a, COMPLEX b)
{
    if (abs(b.r) >= abs(b.i)) {
        NUMBER ratio = b.i / b.r, divisor = b.r + b.i * ratio;
        return (COMPLEX){(a.r + a.i * ratio) / divisor, (a.i - a.r * ratio) / divisor};
    }
    NUMBER ratio = b.r / b.i, divisor = b.r * ratio + b.i;
    return (COMPLEX){(a.r * ratio + a.i) / divisor, (a.i * ratio - a.r) / divisor};
}

void
OF_COMPLEX(div)(COMPLEX *result, COMPLEX *a, COMPLEX *b)
{
    *result = OF_COMPLEX(quotient)(*a, *b);
}

void
OF_COMPLEX(sqrt)(COMPLEX *result, COMPLEX *z)
{
    doublereal size = hypot(z->r, z->i);
    if (size == 0) {
        *result = (COMPLEX){0, z->i};
        return;
    }
    doublereal half = sqrt((size + fabs(z->r)) / 2), other = z->i / (2 * half);
    if (z->r >= 0)
        *result = (COMPLEX){(NUMBER)half, (NUMBER)other};
    else
        *result = (COMPLEX){(NUMBER)fabs(other), (NUMBER)copysign(half, z->i)};
}

void
OF_COMPLEX(exp)(COMPLEX *result, COMPLEX *z)
{
    doublereal size = exp(z->r), angle = z->i;
    *result = (COMPLEX){(NUMBER)(size * cos(angle)), (NUMBER)(size * sin(angle))};
}

/* By squaring; a negative exponent divides one by the result for the positive one. */
doublereal
POWER_OF_REAL(NUMBER *base, integer *exponent)
{
    doublereal result = 1, square = *base;
    for (unsigned left = (unsigned)abs(*exponent); left; left >>= 1, square *= square) {
        if (left & 1)
            result *= square;
    }
    return *exponent < 0 ? 1 / result : result;
}

void
POWER_OF_COMPLEX(COMPLEX *power, COMPLEX *base, integer *exponent)
{
    COMPLEX result = {1, 0}, square = *base;
    for (unsigned left = (unsigned)abs(*exponent); left; left >>= 1) {
        if (left & 1)
            result = (COMPLEX){result.r * square.r - result.i * square.i, result.r * square.i + result.i * square.r};
        square = (COMPLEX){square.r * square.r - square.i * square.i, 2 * square.r * square.i};
    }
    *power = *exponent < 0 ? OF_COMPLEX(quotient)((COMPLEX){1, 0}, result) : result;
}

#endif
