// A stand-in for the agent's program, AducIotAgent: it registers an extension as the original does, with the same command line and the
// same needs. Called without --register-extension it does nothing until it is stopped.
#include "json.hpp"
#include "sha256.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <grp.h>
#include <iterator>
#include <pwd.h>
#include <string>
#include <unistd.h>

namespace
{
constexpr auto config_file = "/etc/adu/du-config.json";
constexpr auto extensions = "/var/lib/adu/extensions";

[[noreturn]] void Fail(const std::string& why)
{
    fprintf(stderr, "AducIotAgent: %s\n", why.c_str());
    exit(1);
}

// microsoft/apt:1 -> microsoft_apt_1
std::string FolderOf(std::string id)
{
    for (auto& c : id)
        if (isalnum(static_cast<unsigned char>(c)) == 0 && c != '-')
            c = '_';
    return id;
}

void MakeFolder(const std::filesystem::path& folder, const passwd& user)
{
    if (std::filesystem::is_directory(folder))
        return;
    MakeFolder(folder.parent_path(), user);
    std::filesystem::create_directory(folder);
    std::filesystem::permissions(folder, static_cast<std::filesystem::perms>(0770));
    if (chown(folder.c_str(), user.pw_uid, user.pw_gid) != 0)
        Fail("cannot give " + folder.string() + " to adu");
}

void Register(const std::string& id, const std::string& library)
{
    std::ifstream config(config_file);
    if (!config || !ReadJson({std::istreambuf_iterator<char>(config), {}}))
        Fail(std::string(config_file) + " is missing or is not valid");
    const auto* user = getpwnam("adu");
    if (user == nullptr || getgrnam("adu") == nullptr)
        Fail("there is no account adu");
    const auto hash = Sha256OfFile(library);
    if (hash.empty())
        Fail("cannot read " + library);

    const auto folder = std::string(extensions) + "/update_content_handlers/" + FolderOf(id);
    MakeFolder(folder, *user);
    std::ofstream file(folder + "/content_handler.json");
    file << "{\n  \"fileName\":\"" << library << "\",\n  \"sizeInBytes\":" << std::filesystem::file_size(library) << ",\n  \"hashes\":{\n    \"sha256\":\""
         << hash << "\"\n  },\n  \"handlerId\":\"" << id << "\"\n}\n";
    file.close();
    if (!file)
        Fail("cannot write to " + folder);
}
} // namespace

int main(int count, char** words)
{
    std::string id;
    std::string type;
    std::string library;
    for (int i = 1; i < count; i++)
    {
        const std::string word = words[i];
        if (i + 1 == count)
            Fail("cannot read '" + word + "'");
        const std::string value = words[++i];
        if (word == "--extension-id")
            id = value;
        else if (word == "--extension-type")
            type = value;
        else if (word == "--register-extension")
            library = value;
        else if (word != "-l")
            Fail("cannot read '" + word + "'");
    }
    if (library.empty())
        return pause();
    if (type != "updateContentHandler" || id.empty())
        Fail("this stand-in registers only extensions of the type updateContentHandler, with an id");
    Register(id, library);
}
