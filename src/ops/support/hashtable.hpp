// Tables from int64 to string or from string to int64, as TensorFlow Lite has them. A table is two variables that follow each
// other: the keys, at the handle, and the values. It is filled once; then it stays.
#pragma once

#include "ops/op_def.hpp"
#include "ops/support/string_tensor.hpp"

namespace qgraph::ops {

struct Hashtable {
  const VariableState* keys = nullptr;
  const VariableState* values = nullptr;
  bool filled() const noexcept { return keys->assigned && values->assigned; }
};

inline std::int32_t table_handle(const KernelArgs& args) noexcept {
  return args.inputs[0].bytes >= 4 ? *args.in<std::int32_t>(0) : -1;
}

/// Null members where the handle, operand 0, is none of a table.
inline Hashtable find_table(const KernelArgs& args) noexcept {
  const std::int32_t handle = table_handle(args);
  if (handle < 0 || handle == std::numeric_limits<std::int32_t>::max()) return {};
  const Hashtable table{args.control->variable(handle), args.control->variable(handle + 1)};
  return table.keys && table.values ? table : Hashtable{};
}

/// int64 and string, either way round.
inline bool table_dtypes(DType key, DType value) noexcept {
  return (key == DType::int64 && value == DType::string) || (key == DType::string && value == DType::int64);
}

inline Report no_table(std::string_view label, const TensorType& type) {
  return constraint(label, "operand 0 is " + std::string(name(type.storage())) + ", not a table's handle",
                    Cause::dtype_contradiction);
}

}  // namespace qgraph::ops
