#include "child_watch.hpp"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <sys/wait.h>
#include <unistd.h>

ChildWatch::ChildWatch(ChildPolicy policy) : policy(policy)
{
    if (policy == ChildPolicy::ignore)
        signal(SIGCHLD, SIG_IGN);
    if (policy == ChildPolicy::reap)
        reaper = std::thread([this] { Reap(); });
}

ChildWatch::~ChildWatch()
{
    stopping = true;
    if (reaper.joinable())
        reaper.join();
}

void ChildWatch::Start(int milliseconds)
{
    if (policy == ChildPolicy::none)
        return;
    const auto status = 40 + static_cast<int>(children.size());
    const auto process = fork();
    if (process == 0)
    {
        usleep(static_cast<useconds_t>(milliseconds) * 1000);
        _exit(status);
    }
    children.push_back({process, status});
}

std::string ChildWatch::Verify()
{
    for (const auto& child : children)
        if (const auto problem = Verify(child); !problem.empty())
            return problem;
    children.clear();
    return {};
}

std::string ChildWatch::Verify(const Child& child)
{
    const auto name = "child " + std::to_string(child.status);
    int status = 0;
    if (policy == ChildPolicy::reap)
    {
        for (int i = 0; i < 500; i++, usleep(10000))
        {
            const std::lock_guard lock(mutex);
            if (const auto found = reaped.find(child.process); found != reaped.end())
                return found->second == child.status ? "" : name + " has the status " + std::to_string(found->second);
        }
        return name + " was never seen by the reaper";
    }
    const auto waited = waitpid(child.process, &status, 0);
    if (policy == ChildPolicy::ignore)
        return waited == -1 && errno == ECHILD ? "" : name + " was kept although SIGCHLD is ignored";
    if (waited != child.process)
        return name + " cannot be waited for: " + strerror(errno);
    return WIFEXITED(status) && WEXITSTATUS(status) == child.status ? "" : name + " has the status " + std::to_string(status);
}

int ChildWatch::CountZombies()
{
    int zombies = 0;
    while (waitpid(-1, nullptr, WNOHANG) > 0)
        zombies++;
    return zombies;
}

void ChildWatch::Reap()
{
    while (!stopping)
    {
        int status = 0;
        const auto process = waitpid(-1, &status, WNOHANG);
        if (process <= 0)
        {
            usleep(500);
            continue;
        }
        const std::lock_guard lock(mutex);
        reaped[process] = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
}
