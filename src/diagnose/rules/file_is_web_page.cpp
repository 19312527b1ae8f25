// QG1004: a web page stands where the model should be. Found by the readers.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule file_is_web_page{
    .code = "QG1004",
    .title = "a web page stands where the model should be",
    .phase = Phase::bytes,
    .explanation =
        R"(The file is HTML or XML: the address that it was fetched from gave a page (a login, an error, the view of the file)
and not the file.

Fetch it again from its download link.)",
};

}  // namespace qgraph::diagnose::rules
