// The functions that the agent links into each of its extensions and that a step handler looks up there at run time: same names,
// signatures and layouts, over a Workflow that the host made. Unlike the agent's they watch their caller and keep a ledger.
#include "sha256.hpp"
#include "workflow.hpp"

#include <chrono>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <thread>

struct ADUC_Hash
{
    char* value;
    char* type;
};
static_assert(sizeof(ADUC_Hash) == 16 && offsetof(ADUC_Hash, type) == 8);

struct ADUC_FileEntity
{
    char* FileId;
    char* DownloadUri;
    ADUC_Hash* Hash;
    std::size_t HashCount;
    char* TargetFilename;
    char* Arguments;
    std::size_t SizeInBytes;
    void* RelatedFiles;
    std::size_t RelatedFileCount;
    char* DownloadHandlerId;
};
static_assert(sizeof(ADUC_FileEntity) == 80);
static_assert(offsetof(ADUC_FileEntity, Hash) == 16 && offsetof(ADUC_FileEntity, HashCount) == 24);
static_assert(offsetof(ADUC_FileEntity, TargetFilename) == 32 && offsetof(ADUC_FileEntity, SizeInBytes) == 48);
static_assert(offsetof(ADUC_FileEntity, DownloadHandlerId) == 72);

struct ExtensionManager_Download_Options
{
    std::uint32_t timeout_in_minutes;
};

using DownloadProgress = void (*)(const char* workflow, const char* file, int state, std::uint64_t done, std::uint64_t total);

namespace
{
constexpr int sha256_algorithm = 2;
constexpr std::size_t longest_details = 1023;
constexpr Result success = {1, 0};
constexpr Result wrong_hash = {0, 0x00100003};

StepsLedger ledger;

void Violation(const std::string& text)
{
    const std::lock_guard lock(ledger.mutex);
    ledger.violations.push_back(text);
}

void Count(int& counter, int change)
{
    const std::lock_guard lock(ledger.mutex);
    counter += change;
}

// Null for a handle that is none. The agent does not check every time: a call with a bad handle is a fault of the handler.
Workflow* Open(void* handle, const char* function)
{
    auto* workflow = static_cast<Workflow*>(handle);
    if (workflow != nullptr && workflow->magic == Workflow::expected_magic)
        return workflow;
    Violation(std::string(function) + " was called without a workflow");
    return nullptr;
}

char* Copy(const std::string& text)
{
    return strdup(text.c_str());
}

bool Record(void* handle, const char* function, Wish Workflow::*which, Wish wish)
{
    auto* workflow = Open(handle, function);
    if (workflow == nullptr)
        return false;
    const std::lock_guard lock(workflow->mutex);
    workflow->*which = wish;
    return true;
}
} // namespace

extern "C"
{
// Not one of the agent's: how the host reads what was noticed here.
StepsLedger* fake_steps_ledger()
{
    return &ledger;
}

char* workflow_get_workfolder(void* handle)
{
    const auto* workflow = Open(handle, __func__);
    if (workflow == nullptr)
        return nullptr;
    Count(ledger.live_strings, 1);
    return Copy(workflow->work_folder);
}

char* workflow_get_installed_criteria(void* handle)
{
    const auto* workflow = Open(handle, __func__);
    if (workflow == nullptr || !workflow->installed_criteria)
        return nullptr;
    Count(ledger.live_strings, 1);
    return Copy(*workflow->installed_criteria);
}

void workflow_free_string(char* text)
{
    if (text != nullptr)
        Count(ledger.live_strings, -1);
    free(text);
}

std::size_t workflow_get_update_files_count(void* handle)
{
    const auto* workflow = Open(handle, __func__);
    return workflow == nullptr ? 0 : workflow->files.size();
}

bool workflow_get_update_file(void* handle, std::size_t index, ADUC_FileEntity* out)
{
    const auto* workflow = Open(handle, __func__);
    if (workflow == nullptr || index >= workflow->files.size())
        return false;
    const ADUC_FileEntity zero = {};
    if (memcmp(out, &zero, sizeof zero) != 0)
        Violation("workflow_get_update_file was given a struct that is not zero");
    const auto& file = workflow->files[index];
    Count(ledger.live_files, 1);
    out->FileId = Copy(file.id);
    out->DownloadUri = Copy("http://updates.example.invalid/" + file.target_name);
    out->Hash = static_cast<ADUC_Hash*>(calloc(1, sizeof(ADUC_Hash)));
    *out->Hash = {Copy(file.hash), Copy("sha256")};
    out->HashCount = 1;
    out->TargetFilename = Copy(file.target_name);
    out->SizeInBytes = file.size;
    return true;
}

void ADUC_FileEntity_Uninit(ADUC_FileEntity* file)
{
    if (file == nullptr)
        return;
    if (file->FileId != nullptr)
        Count(ledger.live_files, -1);
    for (std::size_t i = 0; i < file->HashCount; i++)
    {
        free(file->Hash[i].value);
        free(file->Hash[i].type);
    }
    free(file->Hash);
    free(file->FileId);
    free(file->DownloadUri);
    free(file->TargetFilename);
    free(file->Arguments);
    free(file->DownloadHandlerId);
    *file = {};
}

const char* workflow_peek_update_manifest_handler_properties_string(void* handle, const char* name)
{
    const auto* workflow = Open(handle, __func__);
    if (workflow == nullptr)
        return nullptr;
    const auto found = workflow->properties.find(name);
    return found == workflow->properties.end() ? nullptr : found->second.c_str();
}

void* workflow_get_root(void* handle)
{
    auto* workflow = Open(handle, __func__);
    while (workflow != nullptr && workflow->parent != nullptr)
        workflow = workflow->parent;
    return workflow;
}

void* workflow_get_parent(void* handle)
{
    auto* workflow = Open(handle, __func__);
    return workflow == nullptr ? nullptr : workflow->parent;
}

#ifndef AGENT_1_0 // here the one agent that lacks what a step handler can do without
char* workflow_get_serialized_update_manifest(void* handle, bool)
{
    const auto* workflow = Open(handle, __func__);
    if (workflow == nullptr)
        return nullptr;
    std::string members;
    for (const auto& [name, value] : workflow->properties)
        members += (members.empty() ? "\"" : ",\"") + name + "\":\"text\"";
    for (const auto& [name, value] : workflow->raw_properties)
        members += (members.empty() ? "\"" : ",\"") + name + "\":" + value;
    Count(ledger.live_strings, 1);
    return Copy("{\"manifestVersion\":\"5\",\"handlerProperties\":{" + members + "}}");
}
#endif

#ifndef WITHOUT_PEEK_ID // an agent that lacks a single function
const char* workflow_peek_id(void* handle)
{
    const auto* workflow = Open(handle, __func__);
    return workflow == nullptr ? nullptr : workflow->id.c_str();
}
#endif

int workflow_get_level(void* handle)
{
    return Open(handle, __func__) == nullptr ? -1 : 1; // a step: one below the update itself
}

int workflow_get_step_index(void* handle)
{
    return Open(handle, __func__) == nullptr ? -1 : 0;
}

bool workflow_is_cancel_requested(void* handle)
{
    const auto* workflow = Open(handle, __func__);
    return workflow != nullptr && workflow->cancel_requested;
}

bool workflow_request_cancel(void* handle)
{
    auto* workflow = Open(handle, __func__);
    return workflow != nullptr && (workflow->cancel_requested = true);
}

void workflow_set_result_details(void* handle, const char* format, ...)
{
    auto* workflow = Open(handle, __func__);
    if (workflow == nullptr)
        return;
    char text[longest_details + 1] = "";
    if (format != nullptr)
    {
        va_list arguments;
        va_start(arguments, format);
        const auto length = vsnprintf(text, sizeof text, format, arguments);
        va_end(arguments);
        if (length > static_cast<int>(longest_details))
            Violation("details of " + std::to_string(length) + " bytes: the agent keeps " + std::to_string(longest_details));
    }
    // The agent hands the finished text to printf once more, as the format.
    if (strchr(text, '%') != nullptr)
        Violation(std::string("details with a percent sign: ") + text);
    const std::lock_guard lock(workflow->mutex);
    workflow->details = text;
}

void workflow_set_result(void* handle, Result result)
{
    auto* workflow = Open(handle, __func__);
    if (workflow == nullptr)
        return;
    const std::lock_guard lock(workflow->mutex);
    workflow->result = result;
}

void workflow_add_erc(void* handle, std::int32_t code)
{
    auto* workflow = Open(handle, __func__);
    if (workflow == nullptr)
        return;
    const std::lock_guard lock(workflow->mutex);
    workflow->extended_codes.push_back(code);
}

bool workflow_request_agent_restart(void* handle)
{
    return Record(handle, __func__, &Workflow::restart, Wish::requested);
}

bool workflow_request_immediate_agent_restart(void* handle)
{
    return Record(handle, __func__, &Workflow::restart, Wish::immediate);
}

bool workflow_request_reboot(void* handle)
{
    return Record(handle, __func__, &Workflow::reboot, Wish::requested);
}

bool workflow_request_immediate_reboot(void* handle)
{
    return Record(handle, __func__, &Workflow::reboot, Wish::immediate);
}

bool ADUC_HashUtils_IsValidFileHash(const char* path, const char* base64, int algorithm, bool)
{
    if (algorithm != sha256_algorithm)
        Violation("ADUC_HashUtils_IsValidFileHash was asked for algorithm " + std::to_string(algorithm));
    return algorithm == sha256_algorithm && Sha256OfFile(path) == base64;
}

ExtensionManager_Download_Options Default_ExtensionManager_Download_Options = {8 * 60};

Result ExtensionManager_Download(const ADUC_FileEntity* file, void* handle, ExtensionManager_Download_Options* options, DownloadProgress)
{
    auto* workflow = Open(handle, __func__);
    if (workflow == nullptr)
        return {0, 0};
    workflow->download_calls++;
    if (options == nullptr)
        Violation("ExtensionManager_Download was called without options");
    std::this_thread::sleep_for(std::chrono::milliseconds(workflow->download_delay_ms));
    if (workflow->download_failure)
        return *workflow->download_failure;

    const auto target = workflow->work_folder + "/" + file->TargetFilename;
    if (std::filesystem::exists(target))
    {
        // The agent's gap: a file with a wrong hash is deleted, and that counts as success.
        if (Sha256OfFile(target) != file->Hash[0].value)
            std::filesystem::remove(target);
        return success;
    }
    if (workflow->served)
    {
        std::ofstream(target) << *workflow->served;
        return success;
    }
    for (const auto& candidate : workflow->files)
    {
        if (candidate.target_name != file->TargetFilename)
            continue;
        std::error_code error;
        if (!std::filesystem::copy_file(candidate.source, target, error))
            return {0, 0x00100001};
        return Sha256OfFile(target) == file->Hash[0].value ? success : wrong_hash;
    }
    Violation(std::string("ExtensionManager_Download was asked for ") + file->TargetFilename + ", no file of the update");
    return {0, 0};
}

#ifndef AGENT_1_0 // agents 1.0.x have no such functions
struct ADUC_ConfigInfo
{
    void* before[12];
    const char* aduShellFolder;
    const char* aduShellFilePath;
    const char* configFolder;
    const char* dataFolder;
    void* after[16];
};
static_assert(offsetof(ADUC_ConfigInfo, aduShellFolder) == 96 && offsetof(ADUC_ConfigInfo, dataFolder) == 120);

// The folders can be moved, because a test has no business under /etc/adu: FAKE_STEPS_ADU_SHELL, FAKE_STEPS_CONFIG, FAKE_STEPS_DATA.
const ADUC_ConfigInfo* ADUC_ConfigInfo_GetInstance()
{
    const auto setting = [](const char* name, const char* otherwise) {
        const char* value = getenv(name);
        return value == nullptr ? otherwise : value;
    };
    static const auto shell = std::string(setting("FAKE_STEPS_ADU_SHELL", "/usr/bin/adu-shell"));
    static const auto folder = std::filesystem::path(shell).parent_path().string();
    static const ADUC_ConfigInfo instance = {
        {}, folder.c_str(), shell.c_str(), setting("FAKE_STEPS_CONFIG", "/etc/adu"), setting("FAKE_STEPS_DATA", "/var/lib/adu"), {}};
    Count(ledger.config_references, 1);
    return &instance;
}

int ADUC_ConfigInfo_ReleaseInstance(const ADUC_ConfigInfo*)
{
    Count(ledger.config_references, -1);
    return ledger.config_references;
}
#endif
}
