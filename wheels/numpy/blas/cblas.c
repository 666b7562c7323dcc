/* The part of CBLAS that NumPy calls. It passes factors by value if they are real, and by pointer if they are complex. */
#ifndef T
#include "blas.h"

enum { ROWS_FIRST = 101, NO_TRANSPOSE = 111, CONJUGATE_TRANSPOSE = 113, UPPER_TRIANGLE = 121 };

#define EACH "cblas.c"
#include "each.h"

#else

#define CBLAS(name) CAT3(cblas_, LETTER, name)
#if PARTS == 1
#define NUMBER T
#define VALUE(number) (number)
#define ARRAY T
#else
#define NUMBER const void *
#define VALUE(number) (*(const T *)(number))
#define ARRAY void
#endif

/* op(A). */
static NAME(matrix)
NAME(argument)(int order, int trans, const T *a, ptrdiff_t lda)
{
    bool by_rows = (order == ROWS_FIRST) == (trans == NO_TRANSPOSE);
    return (NAME(matrix)){a, by_rows ? lda : 1, by_rows ? 1 : lda, PARTS == 2 && trans == CONJUGATE_TRANSPOSE};
}

static NAME(target)
NAME(result)(int order, T *c, ptrdiff_t ldc)
{
    return (NAME(target)){c, order == ROWS_FIRST ? ldc : 1, order == ROWS_FIRST ? 1 : ldc};
}

void
CBLAS(gemm)(int order, int transa, int transb, int m, int n, int k, NUMBER alpha, const ARRAY *a, int lda, const ARRAY *b, int ldb,
            NUMBER beta, ARRAY *c, int ldc)
{
    NAME(matrix) left = NAME(argument)(order, transa, a, lda), right = NAME(argument)(order, transb, b, ldb);
    /* NumPy multiplies stacks of small matrices one by one, so that a call more counts. */
    if (is_tiny(m, n, k) && VALUE(alpha) != 0)
        NAME(multiply_tiny)(ALL, m, n, k, VALUE(alpha), left, right, VALUE(beta), NAME(result)(order, c, ldc));
    else
        NAME(multiply)(ALL, m, n, k, VALUE(alpha), left, right, VALUE(beta), NAME(result)(order, c, ldc));
}

void
CBLAS(syrk)(int order, int uplo, int trans, int n, int k, NUMBER alpha, const ARRAY *a, int lda, NUMBER beta, ARRAY *c, int ldc)
{
    NAME(matrix) left = NAME(argument)(order, trans, a, lda);
    Shape shape = uplo == UPPER_TRIANGLE ? UPPER : LOWER;
    NAME(multiply)(shape, n, n, k, VALUE(alpha), left, NAME(transposed)(left), VALUE(beta), NAME(result)(order, c, ldc));
}

void
CBLAS(gemv)(int order, int trans, int m, int n, NUMBER alpha, const ARRAY *a, int lda, const ARRAY *x, int incx, NUMBER beta, ARRAY *y,
            int incy)
{
    int rows = trans == NO_TRANSPOSE ? m : n, columns = trans == NO_TRANSPOSE ? n : m;
    if (rows <= 0 || columns <= 0)
        return;
    NAME(multiply_vector)(rows, columns, VALUE(alpha), NAME(argument)(order, trans, a, lda), NAME(first)(x, columns, incx), incx,
                          VALUE(beta), NAME(first)(y, rows, incy), incy);
}

void
CBLAS(axpy)(int n, NUMBER alpha, const ARRAY *x, int incx, ARRAY *y, int incy)
{
    NAME(add)(n, VALUE(alpha), NAME(first)(x, n, incx), incx, NAME(first)(y, n, incy), incy);
}

#if PARTS == 1
T
CBLAS(dot)(int n, const T *x, int incx, const T *y, int incy)
{
    return NAME(product)(n, NAME(first)(x, n, incx), incx, false, NAME(first)(y, n, incy), incy);
}
#else
void
CBLAS(dotu_sub)(int n, const void *x, int incx, const void *y, int incy, void *result)
{
    *(T *)result = NAME(product)(n, NAME(first)(x, n, incx), incx, false, NAME(first)(y, n, incy), incy);
}

void
CBLAS(dotc_sub)(int n, const void *x, int incx, const void *y, int incy, void *result)
{
    *(T *)result = NAME(product)(n, NAME(first)(x, n, incx), incx, true, NAME(first)(y, n, incy), incy);
}
#endif

#undef CBLAS
#undef NUMBER
#undef VALUE
#undef ARRAY

#endif
