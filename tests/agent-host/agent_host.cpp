// A stand-in for the Device Update agent: loads a step handler exactly as the agent does, takes it through the agent's order of calls and
// threads, and checks what the agent would suffer from. See --help for the command line and report.hpp for what is printed.
#include "child_watch.hpp"
#include "options.hpp"
#include "registration.hpp"
#include "report.hpp"
#include "sha256.hpp"
#include "signal_watch.hpp"
#include "workflow.hpp"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <set>
#include <thread>
#include <unistd.h>
#include <vector>

namespace
{
using Method = Result (ContentHandler::*)(const WorkflowData*);
constexpr int log_level_info = 1;

bool IsFailure(Result result)
{
    return result.code <= 0;
}

// Runs an action in a thread of its own once some time has passed and a file, if one is named, is there. Waits for it at the end of the
// scope; an action whose file never came is not run.
class After
{
public:
    After(int milliseconds, const std::string& file, std::function<void()> action)
        : thread([this, milliseconds, file, action = std::move(action)] {
              std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
              for (; !file.empty() && !std::filesystem::exists(file); usleep(2000))
                  if (over)
                      return;
              action();
          })
    {
    }
    ~After()
    {
        over = true;
        thread.join();
    }

private:
    std::atomic<bool> over{false};
    std::thread thread;
};

class Agent
{
public:
    Agent(const Options& options, Report& report, ChildWatch& children) : options(options), report(report), children(children)
    {
        workflow.id = options.id;
        workflow.work_folder = options.work_folder;
        workflow.installed_criteria = options.criteria;
        workflow.properties = {options.properties.begin(), options.properties.end()};
        workflow.raw_properties = {options.raw_properties.begin(), options.raw_properties.end()};
        workflow.download_failure = options.download_failure;
        workflow.served = options.served;
        workflow.download_delay_ms = options.download_delay_ms;
        for (const auto& payload : options.payloads)
            AddFile(workflow, payload);
        // As the agent makes them: an id that is but the place of the step, and the work folder of the whole update.
        for (const auto& [criteria, payload] : options.steps_of_update)
        {
            auto& step = *steps.emplace_back(std::make_unique<Workflow>());
            step.parent = &workflow;
            step.id = std::to_string(steps.size() - 1);
            step.work_folder = options.work_folder;
            step.installed_criteria = criteria;
            AddFile(step, payload);
        }
        if (options.target_name && !workflow.files.empty())
            workflow.files[0].target_name = *options.target_name;
        data.handle = &workflow;
    }

    // The loader's cache never hits in the agent: each phase loads and creates again, and only the first pointer is kept.
    bool Load()
    {
        const auto memory_before = Report::ResidentKib();
        const Stopwatch opening;
        void* opened = dlopen(options.handler.c_str(), RTLD_LAZY);
        const auto open_us = opening.Microseconds();
        if (opened == nullptr)
            return report.Failure(std::string("cannot load the handler: ") + dlerror()), false;
        const auto create = reinterpret_cast<CreateFunction>(dlsym(opened, "CreateUpdateContentHandlerExtension"));
        const auto get_contract = reinterpret_cast<ContractFunction>(dlsym(opened, "GetContractInfo"));
        if (create == nullptr || get_contract == nullptr)
            return report.Failure("the handler does not export CreateUpdateContentHandlerExtension and GetContractInfo"), false;

        const Stopwatch creating;
        auto* created = create(log_level_info);
        const auto create_us = creating.Microseconds();
        ContractInfo contract = {};
        const auto answered = get_contract(&contract);
        if (created == nullptr || answered.code != 1 || contract.major != 1 || contract.minor != 0)
            return report.Failure("the handler made no object, or not one of contract 1.0"), false;

        created->contract = contract;
        if (handler == nullptr)
        {
            library = opened;
            handler = created;
            report.Times(open_us, create_us);
            report.MemoryAfterCreate(memory_before);
        }
        else if (created != handler)
            report.Failure("a later Create made another object");
        return true;
    }

    Result Call(const char* name, Method method, const char* thread)
    {
        return Call(name, method, thread, &data, "");
    }

    void Deploy()
    {
        // IsInstalled is asked before there is a work folder.
        if (!Load() || Call("IsInstalled", &ContentHandler::IsInstalled, "main").code == 900)
            return;
        PrepareWorkFolder();

        auto result = Result{0, 0};
        std::thread([&] { result = DownloadPhase(); }).join();
        SwapPayload();
        if (!IsFailure(result))
            std::thread([&] { result = InstallPhase(); }).join();
        report.Outcome(result);
    }

    // The agent asks all steps whether they are installed, downloads them all, and then installs one after the other.
    void DeploySteps()
    {
        if (!Load())
            return;
        auto installed = true;
        for (const auto& step : steps)
            installed = installed && For(*step, [&] { return Call("IsInstalled", &ContentHandler::IsInstalled, "main"); }).code == 900;
        if (installed)
            return;
        PrepareWorkFolder();
        auto result = Result{0, 0};
        const auto all = [&](auto phase) {
            for (const auto& step : steps)
                if (result = For(*step, phase); IsFailure(result))
                    return;
        };
        std::thread([&] { all([&] { return DownloadPhase(); }); }).join();
        if (!IsFailure(result))
            std::thread([&] { all([&] { return InstallPhase(); }); }).join();
        report.Outcome(result);
    }

    void AskIsInstalled()
    {
        for (int i = 0; i < options.repeat && (handler != nullptr || Load()); i++)
            Call("IsInstalled", &ContentHandler::IsInstalled, "main");
    }

    // Nothing but the calls, so that what they cost is all that is measured. The first ones are not: they start things up.
    void AskInLoop()
    {
        constexpr int warm_up = 100;
        if (!Load())
            return;
        std::set<std::int32_t> seen;
        for (int i = 0; i < warm_up; i++)
            seen.insert(handler->IsInstalled(&data).code);
        const auto memory = Report::ResidentKib();
        const auto descriptors = Report::OpenDescriptors();
        const Stopwatch watch;
        for (int i = 0; i < options.repeat; i++)
            seen.insert(handler->IsInstalled(&data).code);
        const auto microseconds = watch.Microseconds();
        std::string answers;
        for (const auto code : seen)
            answers += (answers.empty() ? "" : ",") + std::to_string(code);
        report.Loop(options.repeat, microseconds, answers, Report::ResidentKib() - memory, Report::OpenDescriptors() - descriptors);
    }

    // A deployment in which another thread never stops cancelling, from before the first call until after the last.
    void DeployUnderCancels()
    {
        if (!Load())
            return;
        std::atomic<bool> stopping{false};
        int able = 0;
        int unable = 0;
        int other = 0;
        std::thread canceller([&] {
            while (!stopping)
            {
                const auto code = handler->Cancel(&data).code;
                (code == 800 ? able : code == 801 ? unable : other)++;
                usleep(500);
            }
        });
        usleep(5000);
        Deploy();
        usleep(5000);
        stopping = true;
        canceller.join();
        report.Cancels(able, unable, other);
    }

    // The agent's own deployment, then the question that a second one would begin with.
    void DeployAndAsk()
    {
        Deploy();
        if (handler != nullptr)
            Call("IsInstalled", &ContentHandler::IsInstalled, "main");
    }

    void LoadOnly()
    {
        library = dlopen(options.handler.c_str(), RTLD_LAZY);
        if (library == nullptr)
            report.Failure(std::string("cannot load the handler: ") + dlerror());
        else
            dlclose(library);
    }

    // Every phase of the agent creates; all must get the same object. And nobody has to want the contract.
    void CreateMany()
    {
        for (int i = 0; i < 1000 && Load(); i++)
            ;
        if (handler == nullptr)
            return;
        std::vector<std::thread> threads;
        for (int i = 0; i < 8; i++)
            threads.emplace_back([this] { Load(); });
        for (auto& thread : threads)
            thread.join();
        const auto get_contract = reinterpret_cast<ContractFunction>(dlsym(library, "GetContractInfo"));
        if (const auto answered = get_contract(nullptr); answered.code != 1 || answered.extended != 0)
            report.Failure("GetContractInfo without a place for the answer fails");
    }

    // Null where the handler expects workflow data, then data without a workflow.
    void CallWithoutWorkflow()
    {
        if (!Load())
            return;
        const WorkflowData empty;
        for (const auto& [name, method] : all_methods)
        {
            Call(name, method, "main", nullptr, " data=null");
            Call(name, method, "main", &empty, " data=no-handle");
        }
    }

    void CallAll()
    {
        if (!Load())
            return;
        PrepareWorkFolder();
        for (const auto& [name, method] : all_methods)
            Call(name, method, "main");
    }

    // The agent's exit.
    void Unload()
    {
        if (handler == nullptr)
            return;
        if (handler->contract.major != 1 || handler->contract.minor != 0)
            report.Failure("the contract written behind the object's table has changed");
        delete handler;
        dlclose(library);
    }

    Workflow workflow;

private:
    static constexpr std::pair<const char*, Method> all_methods[] = {
        {"IsInstalled", &ContentHandler::IsInstalled}, {"Download", &ContentHandler::Download}, {"Backup", &ContentHandler::Backup},
        {"Install", &ContentHandler::Install},         {"Apply", &ContentHandler::Apply},       {"Restore", &ContentHandler::Restore},
        {"Cancel", &ContentHandler::Cancel},
    };

    void AddFile(Workflow& to, const std::string& payload)
    {
        const auto hash = options.payload_hash.empty() ? Sha256OfFile(payload) : options.payload_hash;
        to.files.push_back(
            {"f" + std::to_string(to.files.size()), payload, std::filesystem::path(payload).filename(), hash, std::filesystem::file_size(payload)});
    }

    Result For(Workflow& step, const std::function<Result()>& action)
    {
        data.handle = current = &step;
        const auto result = action();
        data.handle = current = &workflow;
        return result;
    }

    Result Call(const char* name, Method method, const char* thread, const WorkflowData* with, const char* remark)
    {
        children.Start(5);
        const auto mask = SignalWatch::Mask();
        const Stopwatch watch;
        const auto result = (handler->*method)(with);
        report.Call(name, thread, result, watch.Microseconds(), remark, *current);
        if (!SignalWatch::IsSameMask(mask, SignalWatch::Mask()))
            report.Failure(std::string(name) + " changed the signal mask of the thread");
        return result;
    }

    void PrepareWorkFolder()
    {
        std::filesystem::create_directories(options.work_folder);
        if (options.stale_payload && !workflow.files.empty())
            std::ofstream(FirstPayload()) << *options.stale_payload;
        if (options.stale_link && !workflow.files.empty())
            std::filesystem::create_symlink(*options.stale_link, FirstPayload());
    }

    std::string FirstPayload() const { return options.work_folder + "/" + workflow.files[0].target_name; }

    // What whoever can write to the work folder can do between the steps.
    void SwapPayload()
    {
        if (!options.swapped_link || workflow.files.empty())
            return;
        std::filesystem::remove(FirstPayload());
        std::filesystem::create_symlink(*options.swapped_link, FirstPayload());
    }

    Result DownloadPhase()
    {
        if (!Load())
            return {0, 0};
        if (const auto installed = Call("IsInstalled", &ContentHandler::IsInstalled, "download"); installed.code == 900)
            return installed;
        const auto cancel = Canceller("cancel-during-download");
        const auto call = CancelCaller("cancel-call-during-download");
        return Call("Download", &ContentHandler::Download, "download");
    }

    Result InstallPhase()
    {
        constexpr auto thread = "install";
        if (!Load())
            return {0, 0};
        if (const auto installed = Call("IsInstalled", &ContentHandler::IsInstalled, thread); installed.code == 900)
            return installed;
        if (const auto backup = Call("Backup", &ContentHandler::Backup, thread); IsFailure(backup))
            return backup;

        const auto install = Install();
        if (IsFailure(install))
            return Call("Restore", &ContentHandler::Restore, thread), install;
        if (install.code == 603 || install.code == 604)
            return install;

        const auto apply = Call("Apply", &ContentHandler::Apply, thread);
        if (IsFailure(apply))
            Call("Restore", &ContentHandler::Restore, thread);
        return apply;
    }

    Result Install()
    {
        children.Start(options.after_ms);
        const auto cancel = Canceller("cancel-during-install");
        const auto call = CancelCaller("concurrent-cancel");
        return Call("Install", &ContentHandler::Install, "install");
    }

    // Agent 1.1.0 cancels by a flag alone.
    std::unique_ptr<After> Canceller(const char* scenario)
    {
        if (options.scenario != scenario)
            return nullptr;
        return std::make_unique<After>(options.after_ms, options.when, [this] {
            workflow.cancel_requested = true;
            for (const auto& step : steps)
                step->cancel_requested = true;
            report.Cancelled();
        });
    }

    // Newer agents call the handler, from another thread.
    std::unique_ptr<After> CancelCaller(const char* scenario)
    {
        if (options.scenario != scenario)
            return nullptr;
        return std::make_unique<After>(options.after_ms, options.when, [this] {
            const auto result = handler->Cancel(&data);
            report.Call("Cancel", "cancel", result, 0, "", workflow);
            report.Cancelled();
        });
    }

    const Options& options;
    Report& report;
    ChildWatch& children;
    WorkflowData data;
    std::vector<std::unique_ptr<Workflow>> steps;
    Workflow* current = &workflow;
    void* library = nullptr;
    ContentHandler* handler = nullptr;
};

// Where the agent's functions come from. A host that exports them itself is another program, because its symbols would be found first.
StepsLedger* LoadSteps(const Options& options, char** words, Report& report)
{
    using LedgerFunction = StepsLedger* (*)();
    void* from = RTLD_DEFAULT;
    if (options.steps == "none")
        return nullptr;
    if (options.steps != "global")
    {
        from = dlopen(options.steps.c_str(), RTLD_LAZY | RTLD_LOCAL);
        if (from == nullptr)
            return report.Failure(std::string("cannot load the steps library: ") + dlerror()), nullptr;
    }
    const auto ledger = reinterpret_cast<LedgerFunction>(dlsym(from, "fake_steps_ledger"));
    if (ledger == nullptr && options.steps == "global")
    {
        const auto exporting = std::filesystem::read_symlink("/proc/self/exe").string() + "-exporting";
        execv(exporting.c_str(), words);
        report.Failure("cannot start " + exporting + ": " + strerror(errno));
    }
    return ledger == nullptr ? nullptr : ledger();
}

void RunScenario(const std::string& name, Agent& agent)
{
    if (name == "is-installed")
        agent.AskIsInstalled();
    else if (name == "is-installed-loop")
        agent.AskInLoop();
    else if (name == "cancel-anytime")
        agent.DeployUnderCancels();
    else if (name == "deploy-and-ask")
        agent.DeployAndAsk();
    else if (name == "load-only")
        agent.LoadOnly();
    else if (name == "create-only")
        agent.Load();
    else if (name == "create-many")
        agent.CreateMany();
    else if (name == "null-handle")
        agent.CallWithoutWorkflow();
    else if (name == "missing-functions")
        agent.CallAll();
    else if (name == "deploy-steps")
        agent.DeploySteps();
    else if (name == "deploy" || name == "cancel-during-download" || name == "cancel-during-install" || name == "concurrent-cancel" ||
             name == "cancel-call-during-download")
        agent.Deploy();
    else
    {
        fprintf(stderr, "agent-host: there is no scenario '%s': see --help\n", name.c_str());
        exit(2);
    }
}

void OnStop(int) {}
} // namespace

int main(int count, char** words)
{
    auto options = ReadOptions(count, words);
    Report report;
    if (!options.registration.empty())
    {
        std::string problem;
        options.handler = RegisteredHandler(options.registration, problem);
        if (!problem.empty())
            return report.Failure(problem), report.ExitStatus();
    }
    auto* ledger = LoadSteps(options, words, report);

    // The agent handles these two itself.
    signal(SIGTERM, OnStop);
    signal(SIGINT, OnStop);
    ChildWatch children(options.children);
    const SignalWatch signals;

    children.Start(20);
    Agent agent(options, report, children);
    RunScenario(options.scenario, agent);
    children.Start(5);
    agent.Unload();

    report.Signals(signals);
    const auto child_problem = children.Verify(); // before others are looked for: those must be all that is left
    report.Children(child_problem, options.children == ChildPolicy::wait ? ChildWatch::CountZombies() : 0);
    report.Recorded(agent.workflow);
    report.Ledger(ledger);
    report.Memory();
    // Time for a thread of the library to trip over being unloaded.
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    return report.ExitStatus();
}
