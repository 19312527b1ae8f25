// Texts that rules share.
#include "diagnose/words.hpp"

#include <spdlog/fmt/fmt.h>

namespace qgraph::diagnose {
namespace {
constexpr std::size_t longest_name = 64;
}

std::string in_quotes(std::string_view name) {
  std::string text;
  for (char c : name) text += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
  if (text.size() > longest_name) {
    // Not in the middle of a UTF-8 character: continuation bytes are 10xxxxxx.
    const auto continues = [&](std::size_t i) { return (static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U; };
    std::size_t head = longest_name / 2, tail = text.size() - longest_name / 2;
    while (head > 0 && continues(head)) --head;
    while (tail < text.size() && continues(tail)) ++tail;
    text = text.substr(0, head) + "..." + text.substr(tail);
  }
  return "'" + text + "'";
}

std::string evidence(std::string_view label, std::string_view text) { return fmt::format("{:<9} {}", label, text); }

std::string counted(std::uint64_t n, std::string_view singular) { return fmt::format("{} {}{}", n, singular, n == 1 ? "" : "s"); }

std::string type_text(const source::SourceTensor& tensor) {
  std::string word(name(tensor.dtype));
  if (tensor.dtype == DType::unknown) word = tensor.unknown_dtype.empty() ? "untyped" : std::string(tensor.unknown_dtype);
  return word + tensor.shape.to_string();
}

std::string node_text(const source::Model& model, source::NodeRef node) {
  return fmt::format("{} node {} {}", model[node].op, node.index, in_quotes(model.display_name(node)));
}

std::string number_text(double value) {
  // Most numbers of a file are floats: the shortest text of the float is what the file's writer saw.
  const auto single = static_cast<float>(value);
  return static_cast<double>(single) == value || value != value ? fmt::format("{}", single) : fmt::format("{}", value);
}

}  // namespace qgraph::diagnose
