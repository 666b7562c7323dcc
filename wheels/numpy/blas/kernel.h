/*
 * The inner loop of matrix multiplication: ROWS x COLUMNS results stay in registers. See `each.h`; this file is for the real part.
 *
 * Measured with Wasmtime 50 on an AMD EPYC (Zen 4) in GFlop/s of f64; what 128 bits can do there is 23.1, and so does this loop:
 *   - 4 x 4 for f64 and 8 x 4 for f32. Larger ones (4 x 6, 8 x 3: 14) or an unrolled loop (13 to 15) spill registers, since Cranelift
 *     puts all loads of the loop first.
 *   - Each number of B is stored once per lane. Splatting it here takes a detour through a general register (13.8).
 *   - Addresses are rounded down to what they are anyway. This tells the compiler that additions to them do not overflow, so that
 *     they become part of the load (21.9 without).
 *   - `relaxed_madd` was slower (17.7), gives other last bits on other processors, and not every host has it.
 */
#define LANES ((int)(16 / sizeof(R)))
#define ROWS (2 * LANES)
#define COLUMNS 4

typedef R NAME(lanes) __attribute__((vector_size(16)));

/* The bytes that one step of the kernel reads. */
#define A_ALIGNMENT 32
#define B_ALIGNMENT 64

static inline const NAME(lanes) *
NAME(rounded_down)(const R *place, uintptr_t alignment)
{
    return (const NAME(lanes) *)((uintptr_t)place & ~(alignment - 1));
}

/* `a` and `b` are aligned. The results go to `c`, columns first. */
static inline void
NAME(kernel)(int depth, const R *a, const R *b, R *c, ptrdiff_t stride, bool adds)
{
    NAME(lanes) sums[COLUMNS][2] = {0};
    for (int p = 0; p < depth; p++) {
        const NAME(lanes) *left = NAME(rounded_down)(a, A_ALIGNMENT), *right = NAME(rounded_down)(b, B_ALIGNMENT);
#pragma unroll
        for (int j = 0; j < COLUMNS; j++) {
            sums[j][0] += left[0] * right[j];
            sums[j][1] += left[1] * right[j];
        }
        a += ROWS;
        b += COLUMNS * LANES;
    }
#pragma unroll
    for (int j = 0; j < COLUMNS; j++) {
#pragma unroll
        for (int i = 0; i < 2; i++) {
            NAME(lanes) sum = sums[j][i];
            R *target = c + j * stride + i * LANES;
            NAME(lanes) before;
            if (adds) {
                __builtin_memcpy(&before, target, sizeof before);
                sum += before;
            }
            __builtin_memcpy(target, &sum, sizeof sum);
        }
    }
}
