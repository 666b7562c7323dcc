/*
 * Matrix multiplication by blocks. Parts of A and B are copied into buffers in the order in which the kernel reads them.
 *
 * A complex matrix is a real one: each number a + bi of A becomes the rows (a, -b) and (b, a), and each number of B or C the column
 * (a, b), which is how it lies in memory. So the kernel knows real numbers only.
 */
#ifndef T
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "blas.h"

#define EACH "multiply.c"
#include "each.h"

#else

#include "kernel.h"

/* A block of A fits the second cache, a strip of B the first one. */
#define MOST_ROWS (256 / PARTS)
#define MOST_DEPTH (128 / PARTS)
#define MOST_COLUMNS 256
/* Smaller blocks need no allocation. They also serve where that fails. */
#define SMALL 1536
#define UNIT (ROWS / PARTS)

typedef struct {
    int rows, depth, columns;
    R *a, *b;
} NAME(blocks);

void
NAME(scale)(Shape shape, int m, int n, T beta, NAME(target) c)
{
    if (beta == 1)
        return;
    for (int j = 0; j < n; j++) {
        int from = shape == LOWER ? least(j, m) : 0, to = shape == UPPER ? least(j + 1, m) : m;
        T *column = c.at + j * c.column;
        if (beta == 0) {
            for (int i = from; i < to; i++)
                column[i * c.row] = 0;
        } else {
            for (int i = from; i < to; i++)
                column[i * c.row] *= beta;
        }
    }
}

/* Writes strips of ROWS rows; what is missing in the last one is zero. */
static void
NAME(pack_a)(NAME(matrix) a, int rows, int depth, R *to)
{
    for (int i = 0; i < rows; i += UNIT, to += (ptrdiff_t)ROWS * depth * PARTS) {
        int some = least(UNIT, rows - i);
        if (some < UNIT)
            memset(to, 0, sizeof(R) * ROWS * depth * PARTS);
        NAME(matrix) strip = NAME(part)(a, i, 0);
#if PARTS == 1
        if (some == UNIT && a.row == 1) {
            for (int p = 0; p < depth; p++)
                memcpy(to + p * ROWS, strip.at + p * a.column, sizeof(R) * ROWS);
            continue;
        }
#endif
        for (int r = 0; r < some; r++) {
            for (int p = 0; p < depth; p++) {
                T x = strip.at[r * a.row + p * a.column];
                R *place = to + (ptrdiff_t)p * ROWS * PARTS + r * PARTS;
#if PARTS == 1
                *place = x;
#else
                R real = ((R *)&x)[0], imaginary = a.conjugate ? -((R *)&x)[1] : ((R *)&x)[1];
                place[0] = real;
                place[1] = imaginary;
                place[ROWS] = -imaginary;
                place[ROWS + 1] = real;
#endif
            }
        }
    }
}

/* Writes strips of COLUMNS columns of alpha B, each number LANES times. */
static void
NAME(pack_b)(NAME(matrix) b, int depth, int columns, T alpha, R *to)
{
    for (int j = 0; j < columns; j += COLUMNS, to += (ptrdiff_t)COLUMNS * LANES * depth * PARTS) {
        int some = least(COLUMNS, columns - j);
        if (some < COLUMNS)
            memset(to, 0, sizeof(R) * COLUMNS * LANES * depth * PARTS);
        for (int r = 0; r < some; r++) {
            const T *from = b.at + (j + r) * b.column;
            R *place = to + r * LANES;
            for (int p = 0; p < depth; p++) {
                T x = from[p * b.row];
#if PARTS == 2
                if (b.conjugate)
                    x = NAME(conjugated)(x);
                /* A product with 0i would make NaN of an infinite number. */
                if (((R *)&alpha)[1] == 0) {
                    ((R *)&x)[0] *= ((R *)&alpha)[0];
                    ((R *)&x)[1] *= ((R *)&alpha)[0];
                } else
#endif
                    x *= alpha;
                for (int part = 0; part < PARTS; part++) {
                    NAME(lanes) all = (NAME(lanes)){0} + ((R *)&x)[part];
                    *(NAME(lanes) *)place = all;
                    place += COLUMNS * LANES;
                }
            }
        }
    }
}

/* Adds, or writes, the part of a tile that is inside of C and its shape. */
static void
NAME(put)(Shape shape, int i, int j, int rows, int columns, const R *tile, NAME(target) c, bool adds)
{
    for (int s = 0; s < columns; s++) {
        int from = shape == LOWER && j + s > i ? j + s - i : 0;
        int to = shape == UPPER ? least(rows, j + s - i + 1) : rows;
        R *column = (R *)(c.at + i + (j + s) * c.column);
        for (int r = from * PARTS; r < to * PARTS; r++)
            column[r] = adds ? column[r] + tile[s * ROWS + r] : tile[s * ROWS + r];
    }
}

/* Multiplies a block that is in the buffers; it begins at row `top` and column `left` of C. */
static void
NAME(block)(const NAME(blocks) *blocks, Shape shape, int top, int left, NAME(target) c, bool adds)
{
    int depth = blocks->depth * PARTS;
    for (int j = 0; j < blocks->columns; j += COLUMNS) {
        const R *b = blocks->b + (ptrdiff_t)j * LANES * depth;
        int columns = least(COLUMNS, blocks->columns - j), column = left + j;
        for (int i = 0; i < blocks->rows; i += UNIT) {
            const R *a = blocks->a + (ptrdiff_t)i * PARTS * depth;
            int rows = least(UNIT, blocks->rows - i), row = top + i;
            if ((shape == LOWER && row + rows <= column) || (shape == UPPER && row >= column + columns))
                continue;
            bool crosses = (shape == LOWER && row < column + columns - 1) || (shape == UPPER && row + rows - 1 > column);
            if (crosses || rows < UNIT || columns < COLUMNS) {
                R tile[ROWS * COLUMNS];
                NAME(kernel)(depth, a, b, tile, ROWS, false);
                NAME(put)(shape, row, column, rows, columns, tile, c, adds);
            } else {
                NAME(kernel)(depth, a, b, (R *)(c.at + row + column * c.column), c.column * PARTS, adds);
            }
        }
    }
}

static int
NAME(rounded)(int number, int unit)
{
    return (number + unit - 1) / unit * unit;
}

static void
NAME(multiply_blocks)(Shape shape, int m, int n, int k, T alpha, NAME(matrix) a, NAME(matrix) b, NAME(target) c, bool adds)
{
    _Alignas(B_ALIGNMENT) R small[SMALL];
    NAME(blocks) most = {
        .rows = least(NAME(rounded)(m, UNIT), MOST_ROWS),
        .depth = least(k, MOST_DEPTH),
        .columns = least(NAME(rounded)(n, COLUMNS), MOST_COLUMNS),
    };
    size_t a_size = (size_t)most.rows * most.depth * PARTS * PARTS;
    size_t b_size = (size_t)most.columns * most.depth * PARTS * LANES;
    R *allocated = NULL, *buffer = small;
    if (a_size + b_size > SMALL) {
        allocated = malloc((a_size + b_size) * sizeof(R) + B_ALIGNMENT);
        if (allocated != NULL) {
            buffer = (R *)(((uintptr_t)allocated + B_ALIGNMENT - 1) & -(uintptr_t)B_ALIGNMENT);
        } else {
            most = (NAME(blocks)){.rows = UNIT, .depth = 24 / PARTS, .columns = COLUMNS * 2};
            b_size = (size_t)COLUMNS * 2 * LANES * 24;
        }
    }
    most.b = buffer;
    most.a = buffer + b_size;
    for (int left = 0; left < n; left += most.columns) {
        for (int p = 0; p < k; p += most.depth) {
            NAME(blocks) now = most;
            now.columns = least(most.columns, n - left);
            now.depth = least(most.depth, k - p);
            NAME(pack_b)(NAME(part)(b, p, left), now.depth, now.columns, alpha, now.b);
            for (int top = 0; top < m; top += most.rows) {
                now.rows = least(most.rows, m - top);
                if ((shape == LOWER && top + now.rows <= left) || (shape == UPPER && top >= left + now.columns))
                    continue;
                NAME(pack_a)(NAME(part)(a, top, p), now.rows, now.depth, now.a);
                NAME(block)(&now, shape, top, left, c, adds || p > 0);
            }
        }
    }
    free(allocated);
}

void
NAME(multiply)(Shape shape, int m, int n, int k, T alpha, NAME(matrix) a, NAME(matrix) b, T beta, NAME(target) c)
{
    if (m <= 0 || n <= 0)
        return;
    if (k <= 0 || alpha == 0) {
        NAME(scale)(shape, m, n, beta, c);
        return;
    }
    if (is_tiny(m, n, k)) {
        NAME(multiply_tiny)(shape, m, n, k, alpha, a, b, beta, c);
        return;
    }
    if (shape == ALL && n == 1 && !b.conjugate) {
        NAME(multiply_vector)(m, k, alpha, a, b.at, b.row, beta, c.at, c.row);
        return;
    }
    if (shape == ALL && m == 1 && !a.conjugate) {
        NAME(multiply_vector)(n, k, alpha, NAME(transposed)(b), a.at, a.column, beta, c.at, c.column);
        return;
    }
    if (c.row != 1) {
        NAME(multiply)(flipped(shape), n, m, k, alpha, NAME(transposed)(b), NAME(transposed)(a), beta, NAME(transposed_target)(c));
        return;
    }
    if (beta != 0)
        NAME(scale)(shape, m, n, beta, c);
    NAME(multiply_blocks)(shape, m, n, k, alpha, a, b, c, beta != 0);
}

#undef MOST_ROWS
#undef MOST_DEPTH
#undef MOST_COLUMNS
#undef SMALL
#undef UNIT
#undef LANES
#undef ROWS
#undef COLUMNS
#undef A_ALIGNMENT
#undef B_ALIGNMENT

#endif
