// QG1003: a Git LFS pointer stands where the model should be. Found by the readers.
#include "diagnose/rule.hpp"

namespace qgraph::diagnose::rules {

extern constexpr Rule file_is_git_lfs_pointer{
    .code = "QG1003",
    .title = "a Git LFS pointer stands where the model should be",
    .phase = Phase::bytes,
    .explanation =
        R"(The file is the small text that Git LFS keeps in a repository in place of a large file. It names the model's hash and
size.

`git lfs install && git lfs pull` in the repository replaces it by the model. A download of the raw file from a web
page often gives the pointer too: use the download link of the hosting site.)",
};

}  // namespace qgraph::diagnose::rules
