// The host's own children: started around the calls, and waited for at the end. A library that waits for any child, or that changes what
// becomes of ended children, takes their exit status away from the host.
#pragma once

#include "options.hpp"

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <sys/types.h>
#include <thread>
#include <vector>

class ChildWatch
{
public:
    explicit ChildWatch(ChildPolicy policy);
    ~ChildWatch();

    // A child that ends after that time with a status of its own.
    void Start(int milliseconds);

    // Waits for all. Empty, or what was wrong.
    std::string Verify();

    // Ended children of somebody else that nobody waits for.
    static int CountZombies();

private:
    struct Child
    {
        pid_t process;
        int status;
    };

    std::string Verify(const Child& child);
    void Reap();

    const ChildPolicy policy;
    std::vector<Child> children;
    std::mutex mutex;
    std::map<pid_t, int> reaped;
    std::atomic<bool> stopping{false};
    std::thread reaper;
};
