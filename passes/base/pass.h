// SPDX-License-Identifier: Apache-2.0
//
// What a pass of ours is, and the only user of mlirCreateExternalPass.
#ifndef CIMC_PASSES_BASE_PASS_H
#define CIMC_PASSES_BASE_PASS_H

#include "dialect/ir.h"

#include <mlir-c/Pass.h>
#include <mlir-c/Rewrite.h>

// An option of a pass: `tile{mr=8}`. All values are integers or words.
typedef struct cimc_pass_option {
  const char *name;
  const char *default_value; // null: none
  const char *help;
} cimc_pass_option;

#define CIMC_PASS_OPTIONS_MAX 8

typedef struct cimc_pass cimc_pass;

// The values of one invocation, in the order of cimc_pass.options; null where
// neither given nor defaulted.
typedef struct cimc_pass_values {
  const cimc_pass *pass;
  const char *value[CIMC_PASS_OPTIONS_MAX];
} cimc_pass_values;

// A pass: IR in, IR out; no files, no clock, no globals. `run` gets the
// builtin.module; it reports what it finds and returns failure, or succeeds.
struct cimc_pass {
  const char *name;  // the flag: "tile"
  const char *stage; // "model", "map" or "lower"
  const char *summary;
  const cimc_pass_option *options; // ended by a null name; null: none
  MlirLogicalResult (*run)(MlirOperation module,
                           const cimc_pass_values *values);
  const char *upstream; // MLIR's own passes as text instead of `run`, or null
};

// Runs values->pass over a module through a pass manager of its own. Does not
// verify: that is the runner's (passes.h).
MlirLogicalResult cimc_pass_run(const cimc_pass_values *values,
                                MlirOperation module);

// Runs a pipeline of upstream passes given as text.
MlirLogicalResult cimc_pass_run_upstream(const char *pipeline,
                                         MlirOperation module);

typedef struct cimc_pass_range {
  int64_t low;
  int64_t high;
} cimc_pass_range;

// The value of option `index` as an integer. Reports and fails unless it is a
// whole number in the range, ends included.
MlirLogicalResult cimc_pass_integer(const cimc_pass_values *values, int index,
                                    cimc_pass_range range,
                                    MlirLocation location, int64_t *out);

// A greedy rewrite: each pattern is a root op name and a function that returns
// success when it changed the IR. Where several match, the first of the table
// goes first. The insertion point is before `op`.
typedef struct cimc_pattern {
  const char *root;
  MlirLogicalResult (*rewrite)(MlirOperation op, MlirRewriterBase rewriter,
                               void *user);
} cimc_pattern;

// Applies the patterns until nothing changes. Fails, and reports it, when they
// never come to rest: a fault of ours.
MlirLogicalResult cimc_pass_rewrite(MlirOperation module,
                                    const cimc_pattern *patterns, size_t count,
                                    void *user);

#endif
