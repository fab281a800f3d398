// Dynamic batches become 1, and what depends on them static.
// RUN: %cimc %s --passes=infer_shapes --emit=qgemm -o - 2>%t.err | FileCheck %s
// RUN: FileCheck %s --check-prefix=NOTE --input-file=%t.err

// NOTE-COUNT-2: note: the dynamic batch is pinned to 1

// CHECK-LABEL: func.func @main
// CHECK-SAME: tensor<1x4xf32>) -> tensor<1x4xf32>
func.func @main(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // CHECK: "qgemm.relu"(%{{.*}}) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %0 = "qgemm.relu"(%x) : (tensor<?x4xf32>) -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}

// CHECK-LABEL: func.func private @reshape_follows_the_count
func.func private @reshape_follows_the_count(%x: tensor<?x2x6xf32>) -> tensor<?x4xf32> {
  // CHECK: "qgemm.reshape"(%{{.*}}) : (tensor<1x2x6xf32>) -> tensor<3x4xf32>
  %0 = "qgemm.reshape"(%x) : (tensor<?x2x6xf32>) -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}

// CHECK-LABEL: func.func private @static_is_left_alone
func.func private @static_is_left_alone(%x: tensor<7x4xf32>) -> tensor<7x4xf32> {
  // CHECK: "qgemm.relu"(%{{.*}}) : (tensor<7x4xf32>) -> tensor<7x4xf32>
  %0 = "qgemm.relu"(%x) : (tensor<7x4xf32>) -> tensor<7x4xf32>
  return %0 : tensor<7x4xf32>
}
