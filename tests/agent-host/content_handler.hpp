// The object that the Device Update agent and a step handler share, written from the agent's binary contract (Itanium C++ ABI):
// the order of the virtual functions IS the contract, and so is the place of the two words behind the pointer to the table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

struct Result
{
    std::int32_t code;
    std::int32_t extended;
};
static_assert(sizeof(Result) == 8 && std::is_trivially_copyable_v<Result>, "returned in one register");

struct ContractInfo
{
    std::uint32_t major;
    std::uint32_t minor;
};

// For a step handler only the first word is set. The agent's own struct is longer and its rest is zero.
struct WorkflowData
{
    void* handle = nullptr;
    std::uint64_t rest[31] = {};
};
static_assert(offsetof(WorkflowData, handle) == 0);

class ContentHandler
{
public:
    virtual Result Download(const WorkflowData* data) = 0;
    virtual Result Backup(const WorkflowData* data) = 0;
    virtual Result Install(const WorkflowData* data) = 0;
    virtual Result Apply(const WorkflowData* data) = 0;
    virtual Result Restore(const WorkflowData* data) = 0;
    virtual Result Cancel(const WorkflowData* data) = 0;
    virtual Result IsInstalled(const WorkflowData* data) = 0;
    virtual ~ContentHandler() = default; // two slots; `delete` goes through the second

    // At +8: written by the agent, into memory that the handler allocated.
    ContractInfo contract = {0, 0};
};
static_assert(sizeof(ContentHandler) == 16);

using CreateFunction = ContentHandler* (*)(int log_level);
using ContractFunction = Result (*)(ContractInfo* out);
