// --print-after, --timing, --verify-each.
// RUN: %cimc %s --emit=qgemm -o - --print-after=fuse --timing --verify-each 2>&1 >/dev/null | FileCheck %s
// RUN: %cimc %s --emit=qgemm -o - --print-after=all --passes=fold,cleanup 2>&1 >/dev/null | FileCheck %s --check-prefix=ALL

// CHECK-NOT: IR after fold
// CHECK: // -----// IR after fuse //----- //
// CHECK: module
// CHECK: func.func @main
// CHECK-NOT: IR after
// CHECK: ms {{ *}}% {{ *}}pass
// CHECK: {{[0-9.]+ +[0-9.]+}} infer_shapes
// CHECK: {{[0-9.]+ +[0-9.]+}} fuse
// CHECK: {{[0-9.]+ +}}100.0 total

// ALL: // -----// IR after fold //----- //
// ALL: dense_resource<__elided__>
// ALL: // -----// IR after cleanup //----- //
func.func @main(%x: tensor<2xf32>) -> (tensor<2xf32>, tensor<40xf32>) {
  %c = "qgemm.constant"() {value = dense<[1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0]> : tensor<40xf32>} : () -> tensor<40xf32>
  %0 = "qgemm.relu"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  return %0, %c : tensor<2xf32>, tensor<40xf32>
}
