#include "registration.hpp"

#include "json.hpp"
#include "sha256.hpp"

#include <fstream>
#include <iterator>

std::string RegisteredHandler(const std::string& file, std::string& problem)
{
    std::ifstream stream(file);
    auto members = ReadJson({std::istreambuf_iterator<char>(stream), {}});
    if (!members || (*members)["fileName"].empty())
        return problem = "cannot read the registration " + file, "";
    const auto library = (*members)["fileName"];
    if (Sha256OfFile(library) != (*members)["hashes.sha256"])
        problem = "the hash of " + library + " is not the one that is registered";
    return library;
}
