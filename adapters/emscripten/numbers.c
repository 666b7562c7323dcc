// Kinds of floating-point numbers. Our headers have these functions inline, so our C library has no others. The numbers of the
// kinds (`FP_NAN` and so on) are musl's in both.
#include "abi.h"

#include <math.h>

EXPORTED int __fpclassify(double number) { return fpclassify(number); }
EXPORTED int __fpclassifyf(float number) { return fpclassify(number); }
EXPORTED int __fpclassifyl(long double number) { return fpclassify(number); }

EXPORTED int __signbit(double number) { return signbit(number) != 0; }
EXPORTED int __signbitf(float number) { return signbit(number) != 0; }
EXPORTED int __signbitl(long double number) { return signbit(number) != 0; }
