// SPDX-License-Identifier: Apache-2.0
//
// The pass `canonicalize`. Layouts, pads, biases, activations in one form.
#ifndef CIMC_PASSES_MODEL_CANONICALIZE_H
#define CIMC_PASSES_MODEL_CANONICALIZE_H

#include "passes/base/pass.h"

extern const cimc_pass cimc_canonicalize_pass;

#endif
