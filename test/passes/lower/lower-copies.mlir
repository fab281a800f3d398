// Outputs that no op writes in place: an argument, a constant, a value twice.
// RUN: %cimc %s --target=x86-64-v3 --passes=tile,plan_memory,lower -o - | FileCheck %s

// CHECK: llvm.func @
// CHECK: llvm.call @memcpy(%arg2, %arg1, %c16_i64)
// CHECK: %[[data:.*]] = llvm.mlir.addressof @data.0
// CHECK: llvm.call @memcpy(%arg3, %[[data]], %c8_i64)
// CHECK: llvm.call @memcpy(%arg5, %arg4, %c16_i64)
// CHECK-NOT: llvm.call @memcpy
// CHECK: llvm.return
func.func @main(%x: tensor<4xf32>) -> (tensor<2x2xf32>, tensor<2xf32>, tensor<4xf32>, tensor<2x2xf32>) {
  %c = "qgemm.constant"() {value = dense<[1.0, 2.0]> : tensor<2xf32>} : () -> tensor<2xf32>
  %r = "qgemm.reshape"(%x) : (tensor<4xf32>) -> tensor<2x2xf32>
  %y = "qgemm.relu"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %v = "qgemm.reshape"(%y) : (tensor<4xf32>) -> tensor<2x2xf32>
  return %r, %c, %y, %v : tensor<2x2xf32>, tensor<2xf32>, tensor<4xf32>, tensor<2x2xf32>
}
