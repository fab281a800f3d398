// Tiles that no kernel can have.
// RUN: not %cimc %s '--passes=tile{mr=16 nr=16}' -o - 2>&1 \
// RUN:   | FileCheck %s --check-prefix=LARGE
// RUN: not %cimc %s '--passes=tile{mr=17}' -o - 2>&1 \
// RUN:   | FileCheck %s --check-prefix=RANGE

// LARGE: error: tile{mr=16 nr=16} is too large; expected mr * nr <= 48
// RANGE: error: {{.*}}mr{{.*}}17

func.func @main(%x: tensor<4x4xf32>, %w: tensor<4x4xf32>) -> tensor<4x4xf32> {
  %0 = "qgemm.matmul"(%x, %w) : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  return %0 : tensor<4x4xf32>
}
