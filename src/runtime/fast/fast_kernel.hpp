// Fast kernels stand beside reference ones: the reference kernel prepares, which says what the node means and that it is in
// order; then a fast kernel may take over what was prepared. Where none does, the reference kernel runs.
#pragma once

#include <span>
#include <string_view>

#include "kernels/cpu.hpp"
#include "ops/kernel.hpp"
#include "runtime/packed_cache.hpp"
#include "runtime/thread_pool.hpp"

namespace qgraph::runtime {

/// What a Session runs with.
struct Execution {
  bool fast = false;
  kernels::Cpu cpu = kernels::Cpu::generic;
  ThreadPool* threads = nullptr;  ///< null: one thread
  PackedCache* cache = nullptr;   ///< null: none
};

/// Prepared once for a node of concrete shapes.
struct Prepared {
  KernelFn run = nullptr;
  std::shared_ptr<const void> data{};
  std::size_t scratch_bytes = 0;
  std::size_t prepared_bytes = 0;
  const char* kernel = nullptr;        ///< family of a fast kernel
  const char* instructions = nullptr;  ///< and the instruction set that it is written for; null: any
  /// Bytes of an operand (-1: of the output) from now on have their sign bits flipped; or, where that is only `asked`, could they
  /// have? For kernels that do either equally well. Before anything has run, by who owns `data`.
  bool (*flip)(Prepared& prepared, int operand, bool asked) = nullptr;

  /// `data` is as take_over made it, for one node alone.
  template <class T>
  T& own() const noexcept {
    return *static_cast<T*>(const_cast<void*>(data.get()));
  }
};

/// A node about to run with the reference kernel.
struct Candidate {
  const KernelDef& reference;
  const PrepareContext& context;  ///< as the reference kernel's prepare was called
  const Execution& execution;
};
/// True: it replaced the reference kernel in `prepared`, whose data is the reference kernel's.
using TakeOverFn = bool (*)(const Candidate& candidate, Prepared& prepared);

struct FastKernel {
  std::string_view op{};
  TakeOverFn take_over = nullptr;
};
std::span<const FastKernel> fast_kernels() noexcept;

/// Each file of this folder has one or a few.
bool fast_convolution(const Candidate&, Prepared&);
bool fast_hybrid_convolution(const Candidate&, Prepared&);
bool fast_hybrid_depthwise(const Candidate&, Prepared&);
bool fast_integer_depthwise(const Candidate&, Prepared&);
bool fast_conv_integer(const Candidate&, Prepared&);
bool fast_matmul_integer(const Candidate&, Prepared&);
bool fast_dynamic_quantize(const Candidate&, Prepared&);
bool fast_transpose_convolution(const Candidate&, Prepared&);
bool fast_wide_convolution(const Candidate&, Prepared&);
bool fast_blockwise(const Candidate&, Prepared&);
bool fast_wide_depthwise(const Candidate&, Prepared&);
bool fast_dot_rows(const Candidate&, Prepared&);
bool fast_constant_matmul(const Candidate&, Prepared&);
bool fast_float_convolution(const Candidate&, Prepared&);
bool fast_float_rows(const Candidate&, Prepared&);
bool fast_float_matmul(const Candidate&, Prepared&);
bool fast_depthwise(const Candidate&, Prepared&);
bool fast_float_depthwise(const Candidate&, Prepared&);
bool fast_sum(const Candidate&, Prepared&);
bool fast_difference(const Candidate&, Prepared&);
bool fast_product(const Candidate&, Prepared&);
bool fast_real_sum(const Candidate&, Prepared&);
bool fast_real_difference(const Candidate&, Prepared&);
bool fast_real_product(const Candidate&, Prepared&);
bool fast_fused_binary(const Candidate&, Prepared&);
bool fast_fused_table(const Candidate&, Prepared&);
bool fast_fused_channel_table(const Candidate&, Prepared&);
bool fast_quantize(const Candidate&, Prepared&);
bool fast_byte_table(const Candidate&, Prepared&);
bool fast_fourier(const Candidate&, Prepared&);
bool fast_maximum(const Candidate&, Prepared&);
bool fast_minimum(const Candidate&, Prepared&);
bool fast_average_pool(const Candidate&, Prepared&);
bool fast_float_average_pool(const Candidate&, Prepared&);
bool fast_float_max_pool(const Candidate&, Prepared&);
bool fast_fused_average_pool(const Candidate&, Prepared&);
bool fast_softmax(const Candidate&, Prepared&);
bool fast_logistic(const Candidate&, Prepared&);
bool fast_tanh(const Candidate&, Prepared&);
bool fast_erf(const Candidate&, Prepared&);
bool fast_max_pool(const Candidate&, Prepared&);
bool fast_arg_max(const Candidate&, Prepared&);
bool fast_arg_min(const Candidate&, Prepared&);
bool fast_resize_bilinear(const Candidate&, Prepared&);
bool fast_squared_difference(const Candidate&, Prepared&);
bool fast_batch_matmul(const Candidate&, Prepared&);
bool fast_float_batch_matmul(const Candidate&, Prepared&);

}  // namespace qgraph::runtime
