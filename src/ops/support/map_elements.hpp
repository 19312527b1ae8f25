// What ops of one operand share: the same shape out as in, element by element.
#pragma once

#include <string>
#include <utility>

#include "ops/op_def.hpp"
#include "ops/support/binary.hpp"
#include "ops/support/lookup_table.hpp"
#include "ops/support/small_float.hpp"

namespace qgraph {

/// The type of the input, with the quantization that is declared of the output.
inline Result<Types> infer_same(const InferContext& c) { return Types{c.output(0, c.input(0).element, c.shape(0))}; }

/// out[i] = f(in[i]) for every element.
template <class T, class F>
void map_elements(const KernelArgs& args, F f) noexcept {
  const std::int64_t n = args.outputs[0].elements();
  const T* in = args.in<T>(0);
  T* out = args.out<T>();
  for (std::int64_t i = 0; i < n; ++i) out[i] = f(in[i]);
}

/// The same of 16-bit floats: computed as float, rounded once.
template <class F>
void map_small_floats(const KernelArgs& args, F f) noexcept {
  const DType dtype = args.inputs[0].type->storage();
  const std::int64_t n = args.outputs[0].elements();
  for (std::int64_t i = 0; i < n; ++i) store_float(args.outputs[0].data, dtype, i, f(float_at(args.inputs[0].data, dtype, i)));
}

/// A combination that no kernel takes.
inline Report unsupported(std::string message, Cause cause = Cause::unsupported_dtype) {
  const auto* code = cause == Cause::invalid_quantization ? "QG2104" : cause == Cause::invalid_attribute ? "QG2103" : "QG2102";
  return failure(code, cause, std::move(message));
}

/// Tables of a function of reals between the quantizations of input 0 and output 0. T: the storage of both.
template <class T, class F>
Prepared prepare_table(PrepareContext& c, F f) {
  if (const Status s = check_scales(c, 1); !s) return s.error();
  const TensorType &in = *c.inputs[0].type, &out = *c.outputs[0].type;
  const auto in_zero = static_cast<std::int32_t>(in.zero_point()), out_zero = static_cast<std::int32_t>(out.zero_point());
  if constexpr (sizeof(T) == 1)
    return prepared(c, make_byte_table<T>(in.scale(), in_zero, out.scale(), out_zero, f));
  else
    return prepared(c, make_word_table<float>(in.scale(), in_zero, out.scale(), out_zero, f));
}

inline void run_byte_table(const KernelArgs& args) noexcept {
  const auto& table = args.prepared_as<ByteTable>();
  map_elements<std::uint8_t>(args, [&](std::uint8_t x) { return table[x]; });
}
inline void run_word_table(const KernelArgs& args) noexcept {
  const auto& table = args.prepared_as<WordTable>();
  map_elements<std::int16_t>(args, [&](std::int16_t x) { return look_up(x, table); });
}

}  // namespace qgraph
