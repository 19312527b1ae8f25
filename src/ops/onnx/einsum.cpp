// einsum: ONNX's Einsum: products of elements whose labels agree, summed over the labels that the result lacks.
#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "ops/op_def.hpp"
#include "ops/support/coordinates.hpp"

namespace qgraph::ops::onnx {
namespace {

struct Einsum {
  std::string equation{};
};
constexpr std::array attributes{
    attr<&Einsum::equation>("equation", "labels of each operand, and behind -> of the result; ... stands for more")};

constexpr std::size_t most_operands = 8;
/// Labels by number: letters are their code, the dimensions of an ellipsis count from 256, right-aligned (the last is 256).
using Labels = std::vector<int>;
struct Terms {
  std::vector<Labels> operands{};
  Labels result{};
};

/// The equation for operands of these ranks; nothing where it does not fit them.
std::optional<Terms> terms(std::string_view text, std::span<const std::size_t> ranks) {
  std::string equation;
  for (char ch : text)
    if (ch != ' ') equation += ch;
  const std::size_t arrow = equation.find("->");
  const std::string_view all = equation, left = all.substr(0, arrow);
  Terms t;
  std::size_t widest = 0;
  const auto labels = [&](std::string_view word, std::optional<std::size_t> rank) -> std::optional<Labels> {
    const std::size_t dots = word.find("...");
    const std::size_t letters = word.size() - (dots == std::string_view::npos ? 0 : 3);
    if (rank && (letters > *rank || (dots == std::string_view::npos && letters != *rank))) return std::nullopt;
    const std::size_t hidden = dots == std::string_view::npos ? 0 : rank ? *rank - letters : widest;
    if (rank) widest = std::max(widest, hidden);
    Labels out;
    for (std::size_t i = 0; i < word.size(); ++i) {
      if (i == dots) {
        for (std::size_t k = hidden; k-- > 0;) out.push_back(256 + static_cast<int>(k));
        i += 2;
      } else if ((word[i] >= 'a' && word[i] <= 'z') || (word[i] >= 'A' && word[i] <= 'Z')) {
        out.push_back(word[i]);
      } else {
        return std::nullopt;
      }
    }
    return out;
  };
  std::size_t from = 0;
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    const std::size_t comma = left.find(',', from);
    if ((comma == std::string_view::npos) != (i + 1 == ranks.size())) return std::nullopt;
    auto one = labels(left.substr(from, comma == std::string_view::npos ? comma : comma - from), ranks[i]);
    if (!one) return std::nullopt;
    t.operands.push_back(*std::move(one));
    from = comma + 1;
  }
  if (arrow != std::string::npos) {
    auto result = labels(all.substr(arrow + 2), std::nullopt);
    if (!result) return std::nullopt;
    t.result = *std::move(result);
    return t;
  }
  // Without an arrow: the ellipsis, then the labels that stand once, in alphabetical order.
  std::map<int, int> times;
  for (const Labels& one : t.operands)
    for (int label : one) ++times[label];
  for (std::size_t k = widest; k-- > 0;) t.result.push_back(256 + static_cast<int>(k));
  for (const auto& [label, n] : times)
    if (label < 256 && n == 1) t.result.push_back(label);
  return t;
}

/// The loops: those of the result first, then the summed ones, with each operand's step.
struct Loop {
  std::int64_t extent = 1;
  std::array<std::int64_t, most_operands> step{};
};
struct Plan {
  std::vector<Loop> loops{};
  std::size_t outer = 0;
  bool fits = true;
};
Plan plan(const Terms& t, std::span<const Shape* const> shapes) {
  std::map<int, Loop> by_label;
  Plan p;
  for (std::size_t o = 0; o < shapes.size(); ++o) {
    const auto strides = dense_strides(*shapes[o]);
    for (std::size_t d = 0; d < t.operands[o].size(); ++d) {
      Loop& loop = by_label[t.operands[o][d]];
      const std::int64_t size = (*shapes[o])[d];
      if (size == 1) continue;  // broadcasts
      if (loop.extent != 1 && loop.extent != size && loop.extent >= 0 && size >= 0) p.fits = false;
      if (loop.extent == 1 || loop.extent < 0) loop.extent = size;
      loop.step[o] += strides[d];
    }
  }
  for (int label : t.result) {
    if (!by_label.contains(label)) p.fits = false;
    p.loops.push_back(by_label[label]);
    by_label.erase(label);
  }
  p.outer = p.loops.size();
  for (const auto& [label, loop] : by_label) p.loops.push_back(loop);
  return p;
}

Result<Types> infer(const InferContext& c) {
  std::vector<std::size_t> ranks;
  std::vector<const Shape*> shapes;
  if (c.input_count() == 0 || c.input_count() > most_operands)
    return constraint("einsum_c1", std::to_string(c.input_count()) + " operands", Cause::invalid_attribute);
  for (std::size_t i = 0; i < c.input_count(); ++i) {
    if (!c.shape(i).ranked()) return Types{TensorType(c.input(0).element, Shape::unknown_rank())};
    if (c.shape(i).rank() > max_rank) return constraint("einsum_c2", "more than 16 dimensions");
    if (c.input(i).storage() != c.input(0).storage())
      return constraint("einsum_c3", "operands are of two dtypes", Cause::dtype_contradiction);
    ranks.push_back(c.shape(i).rank());
    shapes.push_back(&c.shape(i));
  }
  const auto t = terms(c.attributes<Einsum>().equation, ranks);
  if (!t) return constraint("einsum_c4", "the equation does not fit the operands' ranks", Cause::invalid_attribute);
  const Plan p = plan(*t, shapes);
  if (!p.fits) return constraint("einsum_c5", "dimensions with one label differ, or the result has a label of its own");
  std::optional<std::int64_t> steps = 1;
  for (const Loop& loop : p.loops)
    if (loop.extent > 0 && steps) steps = multiply_checked(*steps, loop.extent);
  if (!steps) return constraint("einsum_c6", "the loops over all labels never end", Cause::resource_limit);
  std::vector<std::int64_t> out;
  for (std::size_t i = 0; i < p.outer; ++i) out.push_back(p.loops[i].extent);
  if (out.size() > max_rank) return constraint("einsum_c2", "more than 16 dimensions");
  return Types{TensorType(c.input(0).element, Shape(std::move(out)))};
}

Result<std::shared_ptr<const void>> prepare(PrepareContext& c) {
  if (auto number = prepare_number(c); !number) return number;
  std::vector<std::size_t> ranks;
  std::vector<const Shape*> shapes;
  for (const View& v : c.inputs) {
    ranks.push_back(v.rank());
    shapes.push_back(&v.shape());
  }
  const auto t = terms(c.attributes<Einsum>().equation, ranks);
  if (!t) return constraint("einsum_c4", "the equation does not fit the operands' ranks", Cause::invalid_attribute);
  return std::shared_ptr<const void>(std::make_shared<const Plan>(plan(*t, shapes)));
}

/// Steps one level of the odometer; positions of the operands go along.
bool advance(const Plan& p, std::size_t from, std::size_t to, std::span<std::int64_t> at,
             std::array<std::int64_t, most_operands>& positions) noexcept {
  for (std::size_t d = to; d-- > from;) {
    for (std::size_t o = 0; o < most_operands; ++o) positions[o] += p.loops[d].step[o];
    if (++at[d] < p.loops[d].extent) return true;
    for (std::size_t o = 0; o < most_operands; ++o) positions[o] -= p.loops[d].step[o] * p.loops[d].extent;
    at[d] = 0;
  }
  return false;
}

void run(const KernelArgs& args) noexcept {
  const auto& p = args.prepared_as<Plan>();
  std::int64_t summed = 1;
  for (std::size_t d = p.outer; d < p.loops.size(); ++d) summed *= p.loops[d].extent;
  with_number(args.outputs[0].type->storage(), [&]<class T>() {
    using C = Computed<T>;
    std::vector<std::int64_t> at(p.loops.size(), 0);
    std::array<std::int64_t, most_operands> positions{};
    for (std::int64_t i = 0, n = args.outputs[0].elements(); i < n; ++i) {
      C sum{};
      for (std::int64_t k = 0; k < summed; ++k) {
        auto term = static_cast<C>(args.in<T>(0)[positions[0]]);
        for (std::size_t o = 1; o < args.inputs.size(); ++o) {
          const auto x = static_cast<C>(args.in<T>(o)[positions[o]]);
          if constexpr (std::is_integral_v<C>)
            term = wrapping_multiply(term, x);
          else
            term *= x;
        }
        if constexpr (std::is_integral_v<C>)
          sum = wrapping_add(sum, term);
        else
          sum += term;
        advance(p, p.outer, p.loops.size(), at, positions);
      }
      args.out<T>()[i] = T(sum);
      advance(p, 0, p.outer, at, positions);
    }
  });
}

constexpr std::array kernels{kernel(DType::unknown, run, prepare)};
}  // namespace

extern constexpr OpDef einsum{
    .name = "onnx.einsum",
    .help =
        "Einstein's summation: multiplies the elements whose labels agree and sums over the labels that the result does not "
        "have.",
    .inputs = "operands*",
    .exactness = Exactness::float_order,
    .attributes = attribute_table<Einsum>(attributes),
    .infer = &infer,
    .reference = kernels,
};

}  // namespace qgraph::ops::onnx
