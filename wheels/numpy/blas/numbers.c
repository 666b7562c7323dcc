/* Functions of BLAS that are about the real parts of vectors: norms, rotations, factors, the place of the largest number. */
#ifndef T
#include <math.h>

#include "blas.h"

#define EACH "numbers.c"
#include "each.h"

#else

/* The size that BLAS means where it looks for the largest number: without a square root. */
static inline R
NAME(size)(T x)
{
    const R *parts = (const R *)&x;
#if PARTS == 1
    return (R)fabs(parts[0]);
#else
    return (R)(fabs(parts[0]) + fabs(parts[1]));
#endif
}

/* The first of the largest, counted from one; a NaN is largest only if it is the first. */
int
CAT3(i, LETTER, amax_)(const int *n, const T *x, const int *incx)
{
    if (*n < 1 || *incx < 1)
        return 0;
    int place = 0;
    R largest = NAME(size)(x[0]);
    for (ptrdiff_t i = 1; i < *n; i++) {
        R size = NAME(size)(x[i * *incx]);
        if (size > largest) {
            largest = size;
            place = (int)i;
        }
    }
    return place + 1;
}

FUNCTION
TO_REAL(asum)(const int *n, const T *x, const int *incx)
{
    R sum = 0;
    for (ptrdiff_t i = 0; *incx > 0 && i < *n; i++)
        sum += NAME(size)(x[i * *incx]);
    return sum;
}

/* By factors of the largest number, so that no square is too large or too small. */
static double
NAME(scaled_norm)(int n, const T *x, ptrdiff_t step)
{
    double scale = 0, sum = 1;
    for (ptrdiff_t i = 0; i < n; i++) {
        for (int part = 0; part < PARTS; part++) {
            double size = fabs((double)((const R *)(x + i * step))[part]);
            if (size == 0)
                continue;
            if (scale < size) {
                sum = 1 + sum * (scale / size) * (scale / size);
                scale = size;
            } else {
                sum += (size / scale) * (size / scale);
            }
        }
    }
    return scale * sqrt(sum);
}

FUNCTION
TO_REAL(nrm2)(const int *n, const T *x, const int *incx)
{
#pragma clang fp reassociate(on)
    if (*n < 1)
        return 0;
    x = NAME(first)(x, *n, *incx);
    double sum = 0;
    for (ptrdiff_t i = 0; i < *n; i++) {
        for (int part = 0; part < PARTS; part++) {
            double number = ((const R *)(x + i * *incx))[part];
            sum += number * number;
        }
    }
    /* Far from where squares underflow or overflow, and not NaN. */
    if (sum > 1e-280 && sum < 1e280)
        return (R)sqrt(sum);
    return NAME(scaled_norm)(*n, x, *incx);
}

SUBROUTINE
BY_REAL(rot)(const int *n, T *x, const int *incx, T *y, const int *incy, const R *c, const R *s)
{
    x = NAME(first)(x, *n, *incx);
    y = NAME(first)(y, *n, *incy);
    R cosine = *c, sine = *s;
    for (ptrdiff_t i = 0; i < *n; i++) {
        T *one = x + i * *incx, *other = y + i * *incy, before = *one;
        *one = cosine * before + sine * *other;
        *other = cosine * *other - sine * before;
    }
    DONE;
}

SUBROUTINE
BY_REAL(scal)(const int *n, const R *alpha, T *x, const int *incx)
{
    R factor = *alpha;
    for (ptrdiff_t i = 0; *incx > 0 && i < *n; i++) {
        for (int part = 0; part < PARTS; part++)
            ((R *)(x + i * *incx))[part] *= factor;
    }
    DONE;
}

#endif
