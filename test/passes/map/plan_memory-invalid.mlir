// A workspace beyond the target's addresses.
// RUN: not %cimc %s --passes=plan_memory --target=cortex-m4 -o - 2>&1 \
// RUN:   | FileCheck %s

// CHECK: error: a workspace of 4294967296 bytes is needed; expected at most 2147483647 on this target

func.func @main(%x: tensor<32768x32768xf32>) -> tensor<32768x32768xf32> {
  %0 = "qgemm.tanh"(%x) : (tensor<32768x32768xf32>) -> tensor<32768x32768xf32>
  %1 = "qgemm.transpose"(%0) {perm = array<i64: 1, 0>} : (tensor<32768x32768xf32>) -> tensor<32768x32768xf32>
  return %1 : tensor<32768x32768xf32>
}
