/* Plane rotations and sums of squares, which Fortran's LAPACK has in modules: for one kind of real numbers and its complex numbers. */
#ifndef NUMBER
#include <float.h>

#include "f2c.h"

/* Sizes whose squares are numbers of full precision. */
#define IS_USUAL(size) ((size) > 1e-140 && (size) < 1e140)

#define CAT_(a, b) a##b
#define CAT(a, b) CAT_(a, b)

#define NUMBER real
#define COMPLEX complex
#define OF_REAL(name) CAT(s, name)
#define OF_COMPLEX(name) CAT(c, name)
#include "rotations.c"
#undef NUMBER
#undef COMPLEX
#undef OF_REAL
#undef OF_COMPLEX

#define NUMBER doublereal
#define COMPLEX doublecomplex
#define OF_REAL(name) CAT(d, name)
#define OF_COMPLEX(name) CAT(z, name)
#include "rotations.c"

#else

/* The power of two by which the larger one is divided, unless squares are safe. */
static doublereal
OF_REAL(unit)(doublereal one, doublereal other)
{
    doublereal larger = max(one, other), smaller = min(one, other);
    if ((IS_USUAL(larger) && IS_USUAL(smaller)) || larger == 0 || !isfinite(larger))
        return 1;
    int exponent;
    frexp(larger, &exponent);
    return ldexp(1, min(exponent, DBL_MAX_EXP - 1));
}

void
OF_REAL(lartg_)(NUMBER *f, NUMBER *g, NUMBER *c, NUMBER *s, NUMBER *r)
{
    if (*g == 0) {
        *c = 1, *s = 0, *r = *f;
        return;
    }
    if (*f == 0) {
        *c = 0, *s = (NUMBER)copysign(1, *g), *r = abs(*g);
        return;
    }
    doublereal unit = OF_REAL(unit)(fabs(*f), fabs(*g)), one = *f / unit, other = *g / unit;
    doublereal size = copysign(sqrt(one * one + other * other), one);
    *c = (NUMBER)(one / size), *s = (NUMBER)(other / size), *r = (NUMBER)(size * unit);
}

void
OF_COMPLEX(lartg_)(COMPLEX *f, COMPLEX *g, NUMBER *c, COMPLEX *s, COMPLEX *r)
{
    if (g->r == 0 && g->i == 0) {
        *c = 1, *s = (COMPLEX){0, 0}, *r = *f;
        return;
    }
    doublereal unit = OF_REAL(unit)(max(fabs(f->r), fabs(f->i)), max(fabs(g->r), fabs(g->i)));
    doublereal one = hypot(f->r / unit, f->i / unit), other = hypot(g->r / unit, g->i / unit), size = hypot(one, other);
    /* The direction of f; any will do for zero. */
    doublereal x = 1, y = 0;
    if (one != 0)
        x = f->r / unit / one, y = f->i / unit / one;
    doublereal re = g->r / unit / size, im = -g->i / unit / size;
    *c = (NUMBER)(one / size);
    *s = (COMPLEX){(NUMBER)(x * re - y * im), (NUMBER)(x * im + y * re)};
    *r = (COMPLEX){(NUMBER)(x * size * unit), (NUMBER)(y * size * unit)};
}

/* BLAS keeps in `b` how to find both numbers again. */
void
OF_REAL(rotg_)(NUMBER *a, NUMBER *b, NUMBER *c, NUMBER *s)
{
    NUMBER size, of_a = abs(*a), of_b = abs(*b);
    OF_REAL(lartg_)(a, b, c, s, &size);
    if (of_a > of_b ? (*a < 0) != (size < 0) : (*b < 0) != (size < 0))
        *c = -*c, *s = -*s, size = -size;
    if (of_b == 0)
        *b = 0;
    else if (of_a > of_b)
        *b = *s;
    else
        *b = *c != 0 ? 1 / *c : 1;
    *a = size;
}

void
OF_COMPLEX(rotg_)(COMPLEX *a, COMPLEX *b, NUMBER *c, COMPLEX *s)
{
    COMPLEX size;
    OF_COMPLEX(lartg_)(a, b, c, s, &size);
    *a = size;
}

/* Adds the squares of numbers to scale^2 * sum. */
static void
OF_REAL(add_squares)(integer n, NUMBER *x, integer parts, integer step, NUMBER *scale, NUMBER *sum)
{
    if (isnan(*scale) || isnan(*sum))
        return;
    doublereal unit = *scale, squares = *sum;
    if (squares == 0)
        unit = 1;
    if (unit == 0)
        unit = 1, squares = 0;
    for (integer i = 0; i < n; i++) {
        for (integer part = 0; part < parts; part++) {
            doublereal size = fabs(x[i * step * parts + part]);
            if (size == 0)
                continue;
            if (unit < size) {
                squares = 1 + squares * (unit / size) * (unit / size);
                unit = size;
            } else {
                squares += (size / unit) * (size / unit);
            }
        }
    }
    *scale = (NUMBER)unit, *sum = (NUMBER)squares;
}

void
OF_REAL(lassq_)(integer *n, NUMBER *x, integer *step, NUMBER *scale, NUMBER *sum)
{
    NUMBER *first = *step < 0 ? x - (*n - 1) * *step : x;
    OF_REAL(add_squares)(*n, first, 1, *step, scale, sum);
}

void
OF_COMPLEX(lassq_)(integer *n, COMPLEX *x, integer *step, NUMBER *scale, NUMBER *sum)
{
    COMPLEX *first = *step < 0 ? x - (*n - 1) * *step : x;
    OF_REAL(add_squares)(*n, (NUMBER *)first, 2, *step, scale, sum);
}

#endif
