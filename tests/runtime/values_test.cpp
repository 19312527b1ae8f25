// What shapes that depend on values cost: nothing where the values are known when planning, memory of their own where not.
#include <numeric>

#include "runtime/allocations.hpp"
#include "runtime/graphs.hpp"
#include "runtime/select_kernel.hpp"
#include "runtime/trace.hpp"
#include "support/catch.hpp"

namespace qgraph::test {
namespace {

Value integers(GraphBuilder& g, std::vector<std::int32_t> values) {
  const Shape shape{static_cast<std::int64_t>(values.size())};
  return g.constant<std::int32_t>(DType::int32, shape, values);
}
Tensor integers(std::vector<std::int32_t> values) {
  return {DType::int32, Shape{static_cast<std::int64_t>(values.size())}, std::span<const std::int32_t>(values)};
}

/// reshape(x, [shape(x)[0], 2, 2]) as exporters write it.
Model flattening_tail() {
  GraphBuilder g;
  const Value x = g.input("x", {DType::float32, Shape{Shape::dynamic, 4}});
  const Value size = g.add("shape", {x});
  const Value batch = g.add("strided_slice", {size, integers(g, {0}), integers(g, {1}), integers(g, {1})},
                            {{"shrink_axis_mask", std::int64_t{1}}});
  const std::int32_t two = 2;
  const Value rest = g.constant<std::int32_t>(DType::int32, Shape{}, {&two, 1});
  const Value y = g.add("reshape", {x, g.add("pack", {batch, rest, rest})});
  return Model({.graphs = {finished(g, {y})}});
}

TEST_CASE("what follows from static shapes is computed when planning", "[runtime]") {
  Session session(flattening_tail());
  std::vector<float> values(12);
  std::iota(values.begin(), values.end(), 0.0F);
  const std::vector<Tensor> inputs{floats({3, 4}, values)};
  const auto outputs = session.run(inputs);
  CHECK(outputs[0].type->shape == Shape{3, 2, 2});
  CHECK(values_of(outputs[0]) == values);
  const std::uint64_t before = allocations();
  const bool done = session.try_run(inputs).ok();
  const std::uint64_t after = allocations();
  CHECK(done);
  CHECK(after == before);
  CHECK(session.run({floats({1, 4}, {1, 2, 3, 4})})[0].type->shape == Shape{1, 2, 2});
}

TEST_CASE("folded nodes are seen by those who watch", "[runtime]") {
  Session session(flattening_tail());
  std::vector<std::string> seen;
  runtime::set_trace(session, [&](const runtime::Traced& t) {
    seen.emplace_back(t.node->op_name());
    if (seen.back() == "pack")
      CHECK(std::vector<std::int32_t>(t.value.values<std::int32_t>().begin(), t.value.values<std::int32_t>().end()) ==
            std::vector<std::int32_t>{1, 2, 2});
  });
  REQUIRE(session.try_run(std::vector<Tensor>{floats({1, 4}, {1, 2, 3, 4})}).ok());
  CHECK(seen == std::vector<std::string>{"shape", "strided_slice", "pack", "reshape"});
}

TEST_CASE("shapes that only values tell", "[runtime]") {
  GraphBuilder g;
  const Value x = g.input("x", {DType::float32, Shape{Shape::dynamic}});
  const Value shape = g.input("shape", {DType::int32, Shape{Shape::dynamic}});
  const Value y = g.add("reshape", {x, shape});
  const Value negative =
      g.add(elementwise("negate", [](float v) { return -v; }), {y}, {TensorType{DType::float32, Shape::unknown_rank()}});
  Session session(Model({.graphs = {finished(g, {y, negative, g.add("shape", {negative})})}}));
  for (int round = 0; round < 2; ++round) {
    auto outputs = session.run({floats({4}, {1, 2, 3, 4}), integers({2, 2})});
    CHECK(outputs[0].type->shape == Shape{2, 2});
    CHECK(values_of(outputs[1]) == std::vector<float>{-1, -2, -3, -4});
    CHECK(outputs[2].values<std::int32_t>()[1] == 2);
    outputs = session.run({floats({4}, {1, 2, 3, 4}), integers({4, 1})});
    CHECK(outputs[1].type->shape == Shape{4, 1});
    CHECK(outputs[2].values<std::int32_t>()[0] == 4);
  }
  const auto wrong = session.try_run(std::vector<Tensor>{floats({4}, {1, 2, 3, 4}), integers({3, 2})});
  REQUIRE_FALSE(wrong.ok());
  REQUIRE_FALSE(wrong.error().diagnostics[0].places.empty());
  CHECK(wrong.error().diagnostics[0].places[0].op == "reshape");
}

TEST_CASE("a huge constant is not computed beforehand", "[runtime]") {
  GraphBuilder g;
  const float zero = 0;
  const Value big = g.add("fill", {integers(g, {1 << 20}), g.constant<float>(DType::float32, Shape{}, {&zero, 1})});
  const Value small = g.add("fill", {integers(g, {16}), g.constant<float>(DType::float32, Shape{}, {&zero, 1})});
  Session session(Model({.graphs = {finished(g, {big, small})}}));
  CHECK(session.run({})[0].bytes.size() == std::size_t{4} << 20);
  CHECK(session.stats().arena_bytes >= std::size_t{4} << 20);
  CHECK(session.stats().packed_bytes == 64);
}

TEST_CASE("the first kernel that fits is taken, and a miss says which there are", "[runtime]") {
  constexpr auto none = [](const KernelArgs&) noexcept {};
  constexpr auto other = [](const KernelArgs&) noexcept {};
  static constexpr std::array rows{kernel(DType::float32, none), kernel(DType::qint8, DType::qint4, none),
                                   kernel(DType::qint8, other)};
  const OpDef op{.name = "two", .inputs = "a b", .reference = rows};
  const Node node{.op = &op};
  const TensorType real(DType::float32, Shape{1}), stored(Quantized(DType::int8, 1.0F), Shape{1}), wide(DType::int32, Shape{1});
  const auto chosen = [&](const TensorType* a, const TensorType* b) {
    return runtime::select_kernel(node, std::vector<const TensorType*>{a, b});
  };
  CHECK(chosen(&real, &wide).ok());
  CHECK(chosen(&stored, &stored)->run == +other);
  CHECK(chosen(&stored, nullptr)->run == +other);
  const Diagnostic miss = chosen(&wide, &real).error().diagnostics[0];
  CHECK(miss.cause == Cause::unsupported_dtype);
  CHECK(miss.headline == "'two' has no kernel for int32 x float32");
  CHECK(miss.expected == "float32, qint8 x qint4, qint8");
}

TEST_CASE("hash tables", "[runtime]") {
  const std::int32_t zero = 0;
  const auto strings = [](std::vector<std::string> list) {
    std::vector<std::int32_t> words{static_cast<std::int32_t>(list.size())};
    auto offset = static_cast<std::int32_t>(4 * (list.size() + 2));
    std::string text;
    for (const std::string& s : list) {
      words.push_back(offset);
      offset += static_cast<std::int32_t>(s.size());
      text += s;
    }
    words.push_back(offset);
    std::vector<std::byte> bytes(words.size() * 4 + text.size());
    std::copy_n(reinterpret_cast<const std::byte*>(words.data()), words.size() * 4, bytes.begin());
    std::copy_n(reinterpret_cast<const std::byte*>(text.data()), text.size(),
                bytes.begin() + static_cast<std::ptrdiff_t>(words.size() * 4));
    return Tensor({DType::string, Shape{static_cast<std::int64_t>(list.size())}}, Buffer::own(std::move(bytes)));
  };
  GraphBuilder g;
  const Value table = g.constant<std::int32_t>(DType::resource, Shape{1}, {&zero, 1});
  const Value asked = g.input("asked", {DType::int64, Shape{Shape::dynamic}});
  const std::vector<std::int64_t> keys{7, 9, 7};
  const Tensor values = strings({"seven", "nine", "other"}), fallback = strings({"?"});
  g.add("hashtable_import",
        {table, g.constant<std::int64_t>(DType::int64, Shape{3}, keys), g.constant(values.type, values.data)});
  const Value found = g.add("hashtable_find", {table, asked, g.constant(fallback.type, fallback.data)});
  const Value size = g.add("hashtable_size", {table});
  Session session(Model({.graphs = {finished(g, {found, size})}, .variables = {{"keys", {}}, {"values", {}}}}));
  const std::vector<std::int64_t> wanted{9, 1, 7};
  for (int round = 0; round < 2; ++round) {
    const auto outputs = session.run({Tensor(DType::int64, Shape{3}, std::span<const std::int64_t>(wanted))});
    const Tensor expected = strings({"nine", "?", "seven"});
    CHECK(std::ranges::equal(outputs[0].bytes, expected.data.bytes));
    CHECK(outputs[1].values<std::int64_t>()[0] == 2);
  }
}

}  // namespace
}  // namespace qgraph::test
