// A step handler that downloads its payload as the contract says and otherwise only says yes. The host is tried on it before it judges
// another, and NULL_HANDLER_FAULT makes it misbehave in the ways that the host must notice.
#include "content_handler.hpp"

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <link.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace
{
struct FileEntity
{
    char* id;
    char* uri;
    void* hashes;
    std::size_t hash_count;
    char* target_name;
    std::size_t rest[5];
};
static_assert(sizeof(FileEntity) == 80);

// The library that exports the agent's functions, among those that are loaded already.
void* FindSteps()
{
    void* found = nullptr;
    const auto visit = [](dl_phdr_info* object, std::size_t, void* out) {
        void* library = dlopen(object->dlpi_name[0] == '\0' ? nullptr : object->dlpi_name, RTLD_LAZY | RTLD_NOLOAD);
        if (library == nullptr)
            return 0;
        if (dlsym(library, "workflow_get_workfolder") == nullptr || dlsym(library, "ExtensionManager_Download") == nullptr)
        {
            dlclose(library);
            return 0;
        }
        *static_cast<void**>(out) = library;
        return 1;
    };
    dl_iterate_phdr(visit, &found);
    return found;
}

template <typename Function> Function* Find(void* steps, const char* name)
{
    return reinterpret_cast<Function*>(dlsym(steps, name));
}

bool IsWanted(const char* fault)
{
    const char* wanted = getenv("NULL_HANDLER_FAULT");
    return wanted != nullptr && strcmp(wanted, fault) == 0;
}

class NullHandler : public ContentHandler
{
    // A test names a method and the result it is to have: NULL_HANDLER_RESULT=Install=0
    static Result Answer(const char* method, std::int32_t usual)
    {
        const char* wanted = getenv("NULL_HANDLER_RESULT");
        const auto length = strlen(method);
        if (wanted != nullptr && strncmp(wanted, method, length) == 0 && wanted[length] == '=')
            return {static_cast<std::int32_t>(strtol(wanted + length + 1, nullptr, 10)), 0x30200200};
        return {usual, 0};
    }

    Result Download(const WorkflowData* data) override
    {
        void* steps = FindSteps();
        if (steps == nullptr || data == nullptr || data->handle == nullptr)
            return {0, 0x30200001};
        FileEntity file = {};
        Find<bool(void*, std::size_t, FileEntity*)>(steps, "workflow_get_update_file")(data->handle, 0, &file);
        auto* options = dlsym(steps, "Default_ExtensionManager_Download_Options");
        auto* download = Find<Result(const FileEntity*, void*, void*, void*)>(steps, "ExtensionManager_Download");
        const auto result = download(&file, data->handle, options, nullptr);
        const auto text = IsWanted("percent") ? "100 % done" : std::string("fetched ") + file.target_name + "\nand nothing else";
        Find<void(void*, const char*, ...)>(steps, "workflow_set_result_details")(data->handle, "%s", text.c_str());
        if (!IsWanted("leak"))
            Find<void(FileEntity*)>(steps, "ADUC_FileEntity_Uninit")(&file);
        return result.code > 0 ? Answer("Download", 500) : result;
    }

    Result Install(const WorkflowData* data) override
    {
        if (IsWanted("signals"))
            signal(SIGTERM, SIG_IGN);
        if (IsWanted("children"))
            while (wait(nullptr) > 0)
                ;
        // Installing takes a while, and notices when it is no longer wanted.
        auto* steps = FindSteps();
        auto* is_cancelled = steps == nullptr ? nullptr : Find<bool(void*)>(steps, "workflow_is_cancel_requested");
        for (int i = 0; i < 10 && is_cancelled != nullptr && data != nullptr && data->handle != nullptr; i++, usleep(5000))
            if (is_cancelled(data->handle))
                return {-1, 0};
        return Answer("Install", 600);
    }

    Result Apply(const WorkflowData* data) override
    {
        if (IsWanted("contract"))
            contract = {0, 0};
        auto* steps = FindSteps();
        if (steps != nullptr && data != nullptr && data->handle != nullptr && getenv("NULL_HANDLER_RESTART") != nullptr)
            Find<bool(void*)>(steps, "workflow_request_immediate_agent_restart")(data->handle);
        return Answer("Apply", 700);
    }

    Result Backup(const WorkflowData*) override { return Answer("Backup", 1000); }
    Result Restore(const WorkflowData*) override { return Answer("Restore", 1100); }
    Result Cancel(const WorkflowData*) override { return Answer("Cancel", 800); }
    Result IsInstalled(const WorkflowData*) override { return Answer("IsInstalled", 901); }
};
} // namespace

extern "C" ContentHandler* CreateUpdateContentHandlerExtension(int)
{
    static auto* const only = new NullHandler;
    return only;
}

extern "C" Result GetContractInfo(ContractInfo* out)
{
    *out = {1, 0};
    return {1, 0};
}
