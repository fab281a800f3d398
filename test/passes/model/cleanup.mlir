// What is left over goes.
// RUN: %cimc %s --passes=cleanup --emit=qgemm -o - | FileCheck %s

// CHECK-LABEL: func.func @main
func.func @main(%x: tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>) {
  // A chain nobody uses.
  // CHECK-NOT: qgemm.tanh
  // CHECK-NOT: qgemm.sigmoid
  %0 = "qgemm.tanh"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  %1 = "qgemm.sigmoid"(%0) : (tensor<2xf32>) -> tensor<2xf32>
  // Equal constants, then equal additions.
  // CHECK: %[[C:.*]] = "qgemm.constant"
  // CHECK-NEXT: %[[S:.*]] = "qgemm.add"(%{{.*}}, %[[C]])
  // CHECK-NEXT: return %[[S]], %[[S]]
  %c = "qgemm.constant"() {value = dense<[1.0, 2.0]> : tensor<2xf32>} : () -> tensor<2xf32>
  %d = "qgemm.constant"() {value = dense<[1.0, 2.0]> : tensor<2xf32>} : () -> tensor<2xf32>
  %2 = "qgemm.add"(%x, %c) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  %3 = "qgemm.add"(%x, %d) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return %2, %3 : tensor<2xf32>, tensor<2xf32>
}

// CHECK-NOT: @unused
func.func private @unused(%x: tensor<2xf32>) -> tensor<2xf32> {
  return %x : tensor<2xf32>
}

// CHECK-LABEL: func.func @activations_tell_ops_apart
func.func @activations_tell_ops_apart(%x: tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>) {
  // CHECK-COUNT-2: "qgemm.add"
  %0 = "qgemm.add"(%x, %x) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  %1 = "qgemm.add"(%x, %x) {activation = "relu"} : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return %0, %1 : tensor<2xf32>, tensor<2xf32>
}
