// The register tile: by the CPU's registers, clipped to the shape.
// RUN: %cimc %s --passes=tile --target=x86-64-vnni -o - \
// RUN:   | FileCheck %s --check-prefixes=CHECK,VNNI
// RUN: %cimc %s --passes=tile --target=x86-64-v3 -o - \
// RUN:   | FileCheck %s --check-prefixes=CHECK,V3
// RUN: %cimc %s '--passes=tile{mr=3 nr=2}' --target=x86-64-v3 -o - \
// RUN:   | FileCheck %s --check-prefix=GIVEN

!q = !quant.uniform<u8:f32, 0.5:3>
!w = !quant.uniform<i8:f32, 0.25>

// CHECK-LABEL: func.func @large
func.func @large(%x: tensor<512x512x!q>, %w: tensor<512x512x!w>) -> tensor<512x512x!q> {
  // VNNI: tile = {mr = 6 : i64, nr = 4 : i64}
  // V3: tile = {mr = 2 : i64, nr = 4 : i64}
  // GIVEN: tile = {mr = 3 : i64, nr = 2 : i64}
  %0 = "qgemm.matmul"(%x, %w) : (tensor<512x512x!q>, tensor<512x512x!w>) -> tensor<512x512x!q>
  return %0 : tensor<512x512x!q>
}

// CHECK-LABEL: func.func @one_row
func.func @one_row(%x: tensor<1x512x!q>, %w: tensor<512x12x!w>) -> tensor<1x12x!q> {
  // VNNI: tile = {mr = 1 : i64, nr = 1 : i64}
  // V3: tile = {mr = 1 : i64, nr = 2 : i64}
  // GIVEN: tile = {mr = 1 : i64, nr = 2 : i64}
  %0 = "qgemm.matmul"(%x, %w) : (tensor<1x512x!q>, tensor<512x12x!w>) -> tensor<1x12x!q>
  return %0 : tensor<1x12x!q>
}

// A padded convolution reads a padded copy of its input: 10 x 10 x 4 bytes,
// and what the kernel may touch behind it.
// CHECK-LABEL: func.func @padded
func.func @padded(%x: tensor<1x8x8x4x!q>, %w: tensor<16x3x3x4x!w>) -> tensor<1x8x8x16x!q> {
  // CHECK: tile = {mr = {{[0-9]+}} : i64, nr = {{[0-9]+}} : i64, scratch_bytes = 464 : i64}
  %0 = "qgemm.conv2d"(%x, %w) {strides = array<i64: 1, 1>, pads = array<i64: 1, 1, 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<1x8x8x4x!q>, tensor<16x3x3x4x!w>) -> tensor<1x8x8x16x!q>
  return %0 : tensor<1x8x8x16x!q>
}

// CHECK-LABEL: func.func @not_padded
func.func @not_padded(%x: tensor<1x8x8x4x!q>, %w: tensor<16x1x1x4x!w>) -> tensor<1x8x8x16x!q> {
  // CHECK-NOT: scratch_bytes
  %0 = "qgemm.conv2d"(%x, %w) {strides = array<i64: 1, 1>, pads = array<i64: 0, 0, 0, 0>, dilations = array<i64: 1, 1>, groups = 1 : i64} : (tensor<1x8x8x4x!q>, tensor<16x1x1x4x!w>) -> tensor<1x8x8x16x!q>
  return %0 : tensor<1x8x8x16x!q>
}
