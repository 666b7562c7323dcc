/*
 * Includes the file EACH once for each kind of number:
 *
 *   T     the number
 *   R     its real part
 *   PARTS how many R are in a T
 *   NAME  the name of one of our functions for it
 *   BLAS  a name as BLAS has it, such as `dgemm_`
 *   BY_REAL, TO_REAL  the same where a real number is given, such as `zdscal_`, or returned, such as `dznrm2_`
 *
 * A source file that is written once for all kinds names itself as EACH, and includes this file where T is not defined.
 */
#define CAT3_(a, b, c) a##b##c
#define CAT3(a, b, c) CAT3_(a, b, c)
#define NAME(name) CAT3(LETTER, _, name)
#define BLAS(name) CAT3(LETTER, name, _)
#define BY_REAL(name) CAT3(BY, name, _)
#define TO_REAL(name) CAT3(TO, name, _)

#define T float
#define R float
#define PARTS 1
#define LETTER s
#define BY s
#define TO s
#include EACH
#undef T
#undef R
#undef LETTER
#undef BY
#undef TO

#define T double
#define R double
#define LETTER d
#define BY d
#define TO d
#include EACH
#undef T
#undef R
#undef PARTS
#undef LETTER
#undef BY
#undef TO

#define T float _Complex
#define R float
#define PARTS 2
#define LETTER c
#define BY cs
#define TO sc
#include EACH
#undef T
#undef R
#undef LETTER
#undef BY
#undef TO

#define T double _Complex
#define R double
#define LETTER z
#define BY zd
#define TO dz
#include EACH
#undef T
#undef R
#undef PARTS
#undef LETTER
#undef BY
#undef TO
#undef EACH
#undef NAME
#undef BLAS
#undef BY_REAL
#undef TO_REAL
