/*
 * The inside of this BLAS. Matrices are views with two strides, so that transposing one, or taking a part of it, moves no numbers,
 * and so that rows first and columns first are the same code.
 */
#ifndef WASM_BLAS_H
#define WASM_BLAS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The types of functions, which WebAssembly checks. NumPy's LAPACK has those of f2c: a subroutine returns a number that nobody reads,
 * and a function a `double`. Other callers expect those of gfortran.
 */
#ifdef BLAS_AS_GFORTRAN
#define SUBROUTINE void
#define DONE return
#define FUNCTION R
#else
#define SUBROUTINE int
#define DONE return 0
#define FUNCTION double
#endif

/* The part of a matrix that an operation may write. */
typedef enum { ALL, LOWER, UPPER } Shape;

static inline Shape
flipped(Shape shape)
{
    return shape == ALL ? ALL : shape == LOWER ? UPPER : LOWER;
}

static inline int
least(int a, int b)
{
    return a < b ? a : b;
}

static inline bool
is_tiny(int m, int n, int k)
{
    return m <= 8 && n <= 8 && k <= 8;
}

/* BLAS gives options as letters. */
static inline bool
is_letter(const char *option, char letter)
{
    return (*option & ~0x20) == letter;
}

#define EACH "internal.h"
#include "each.h"

#endif
