// hashtable_find: the values of keys. TensorFlow Lite's HASHTABLE_FIND.
#include <cstring>

#include "ops/support/hashtable.hpp"

namespace qgraph::ops {
namespace {

Result<Types> infer(const InferContext& c) {
  if (c.input(0).storage() != DType::resource) return no_table("hashtable_find_c1", c.input(0));
  if (!table_dtypes(c.input(1).storage(), c.input(2).storage()))
    return constraint("hashtable_find_c2", "tables go from int64 to string or from string to int64", Cause::unsupported_dtype);
  return Types{{c.input(2).storage(), c.shape(1)}};
}

/// Position of the first equal key; -1: none.
template <class At, class Key>
std::int64_t position(std::int64_t count, At at, const Key& key) noexcept {
  for (std::int64_t i = 0; i < count; ++i)
    if (at(i) == key) return i;
  return -1;
}

void strings_to_numbers(const KernelArgs& args, const Hashtable& table) noexcept {
  const View& wanted = args.inputs[1];
  const auto keys = StringTensor::read(table.keys->bytes), asked = StringTensor::read({wanted.data, wanted.bytes});
  const auto* values = reinterpret_cast<const std::int64_t*>(table.values->bytes.data());
  const auto count = static_cast<std::int64_t>(table.values->bytes.size() / 8);
  if (!keys || !asked || asked->size() < wanted.elements() || keys->size() < count || args.inputs[2].bytes < 8)
    return args.control->fail("the strings are not packed as they should be", Cause::data_size_mismatch);
  for (std::int64_t i = 0; i < wanted.elements(); ++i) {
    const std::int64_t at = position(
        count, [&](std::int64_t k) { return (*keys)[k]; }, (*asked)[i]);
    args.out<std::int64_t>()[i] = at < 0 ? *args.in<std::int64_t>(2) : values[at];
  }
}

/// Two passes: the size, then the strings.
void numbers_to_strings(const KernelArgs& args, const Hashtable& table) noexcept {
  const View& wanted = args.inputs[1];
  const auto values = StringTensor::read(table.values->bytes),
             fallback = StringTensor::read({args.inputs[2].data, args.inputs[2].bytes});
  const auto* keys = reinterpret_cast<const std::int64_t*>(table.keys->bytes.data());
  const auto count = static_cast<std::int64_t>(table.keys->bytes.size() / 8);
  if (!values || values->size() < count || !fallback || fallback->size() < 1)
    return args.control->fail("the strings are not packed as they should be", Cause::data_size_mismatch);
  const auto found = [&](std::int64_t i) {
    const std::int64_t at = position(
        count, [&](std::int64_t k) { return keys[k]; }, wanted.as<std::int64_t>()[i]);
    return at < 0 ? (*fallback)[0] : (*values)[at];
  };
  const std::int64_t elements = wanted.elements();
  std::uint64_t bytes = 4 * (static_cast<std::uint64_t>(elements) + 2);
  for (std::int64_t i = 0; i < elements; ++i) bytes += found(i).size();
  if (bytes > 0x7FFF'FFFF) return args.control->fail("the strings found exceed 2 GB", Cause::resource_limit);
  const TensorType type(DType::string, wanted.shape());
  std::byte* out = args.control->resize(0, type, bytes);
  if (!out) return;
  const auto put = [&](std::int64_t word, std::uint64_t value) {
    const auto v = static_cast<std::int32_t>(value);
    std::memcpy(out + 4 * word, &v, 4);
  };
  std::uint64_t offset = 4 * (static_cast<std::uint64_t>(elements) + 2);
  put(0, static_cast<std::uint64_t>(elements));
  for (std::int64_t i = 0; i < elements; ++i) {
    const std::string_view text = found(i);
    put(i + 1, offset);
    if (!text.empty()) std::memcpy(out + offset, text.data(), text.size());
    offset += text.size();
  }
  put(elements + 1, offset);
}

void run(const KernelArgs& args) noexcept {
  const Hashtable table = find_table(args);
  if (!table.keys || !table.filled()) return args.control->fail("the table is not filled", Cause::dangling_reference);
  if (table.keys->type.storage() != args.inputs[1].type->storage() ||
      table.values->type.storage() != args.outputs[0].type->storage())
    return args.control->fail("the table has other dtypes", Cause::dtype_contradiction);
  if (args.inputs[1].type->storage() == DType::string)
    strings_to_numbers(args, table);
  else
    numbers_to_strings(args, table);
}

constexpr std::array kernels{kernel(DType::resource, run)};

}  // namespace

extern constexpr OpDef hashtable_find{
    .name = "hashtable_find",
    .help = "The values that a table has for keys, and the default value for keys that it has not.",
    .inputs = "table keys default_value",
    .infer = infer,
    .reference = kernels,
    .stateful = true,
};

}  // namespace qgraph::ops
