// SPDX-License-Identifier: Apache-2.0
//
// --labels: how many rows of scores have their largest value at the label.
#include "cimc/driver/labels.h"

#include "cimc/driver/element.h"
#include "dialect/diag.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

// E. B. Wilson, "Probable inference, the law of succession, and statistical
// inference", JASA 22 (1927); z is the normal's 97.5 % quantile.
void cimc_labels_wilson(int64_t right, int64_t count, double *out_low,
                        double *out_high) {
  const double z = 1.959963984540054;
  double n = (double)count, p = (double)right / n;
  double center = p + z * z / (2 * n);
  double half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
  double scale = 1 + z * z / n;
  *out_low = fmax(0.0, (center - half) / scale);
  *out_high = fmin(1.0, (center + half) / scale);
}

// The row's answer: where its largest score is; a row of one integer is the
// answer itself.
static int64_t predict(const cimc_npy *scores, int64_t row, int64_t classes) {
  int64_t start = row * classes;
  if (classes == 1 && cimc_element_is_integer(scores->dtype))
    return cimc_element_integer(scores->dtype, scores->data, (size_t)start);
  int64_t best = 0;
  double high = -INFINITY;
  for (int64_t i = 0; i < classes; ++i) {
    double score =
        cimc_element_real(scores->dtype, scores->data, (size_t)(start + i));
    if (score > high) {
      high = score;
      best = i;
    }
  }
  return best;
}

static bool check(const char *path, const cimc_npy *labels, int64_t rows) {
  if (!cimc_element_is_integer(labels->dtype)) {
    cimc_diag_error(path, "labels of type %s; expected whole numbers",
                    cimc_dtype_name(labels->dtype));
    return false;
  }
  int64_t count = (int64_t)(labels->bytes / cimc_dtype_bytes(labels->dtype));
  if (count != rows) {
    cimc_diag_error(path,
                    "%" PRId64 " labels; expected %" PRId64
                    ", one for each row of the model's first output",
                    count, rows);
    return false;
  }
  return true;
}

bool cimc_labels_print(const char *path, const cimc_npy *labels,
                       const cimc_npy *scores, int64_t rows) {
  int64_t elements = (int64_t)(scores->bytes / cimc_dtype_bytes(scores->dtype));
  if (!check(path, labels, rows))
    return false;
  if (rows == 0 || elements == 0 || elements % rows) {
    cimc_diag_error(path, "there are no scores to compare the labels with");
    return false;
  }
  int64_t classes = elements / rows, right = 0;
  bool single = classes == 1 && cimc_element_is_integer(scores->dtype);
  for (int64_t row = 0; row < rows; ++row) {
    int64_t label =
        cimc_element_integer(labels->dtype, labels->data, (size_t)row);
    if (label < 0 || (!single && label >= classes)) {
      cimc_diag_error(path,
                      "label %" PRId64 " at row %" PRId64
                      "; expected 0 to %" PRId64 ", the model's classes",
                      label, row, classes - 1);
      return false;
    }
    right += predict(scores, row, classes) == label;
  }
  double low, high;
  cimc_labels_wilson(right, rows, &low, &high);
  printf("accuracy %.2f %% (%" PRId64 " of %" PRId64
         "), 95 %% interval %.2f to %.2f %%\n",
         100.0 * (double)right / (double)rows, right, rows, 100.0 * low,
         100.0 * high);
  return true;
}
