/*
 * The types and the functions that C code written by f2c uses: Fortran's numbers and operations on them. A `CHARACTER` is given without
 * its length; where a length is needed, it ends with a zero.
 */
#ifndef F2C_INCLUDE
#define F2C_INCLUDE

#include <math.h>
#include <string.h>

typedef int integer;
typedef int logical;
typedef int ftnlen;
typedef char *address;
typedef float real;
typedef double doublereal;
typedef struct {
    real r, i;
} complex;
typedef struct {
    doublereal r, i;
} doublecomplex;
/* A function that is an argument. */
typedef logical (*L_fp)();

#define VOID void
#define TRUE_ (1)
#define FALSE_ (0)

#undef abs
#undef min
#undef max
#define abs(x) ((x) >= 0 ? (x) : -(x))
#define dabs(x) ((doublereal)abs(x))
#define min(a, b) ((a) <= (b) ? (a) : (b))
#define max(a, b) ((a) >= (b) ? (a) : (b))
#define dmin(a, b) ((doublereal)min(a, b))
#define dmax(a, b) ((doublereal)max(a, b))

#endif
