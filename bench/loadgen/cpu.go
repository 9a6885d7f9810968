package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// cpuOfTree is the CPU time, in nanoseconds (user and system together), that the threads of a process and of
// its descendants have spent. It reads schedstat rather than stat: stat counts in ticks of 10 ms. A thread that
// has ended is no longer counted; neither Node nor the Go runtime ends threads in normal work.
func cpuOfTree(pid int) (int64, error) {
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", pid))
	if err != nil || len(tasks) == 0 {
		return 0, fmt.Errorf("no process %d to read the CPU time of", pid)
	}
	var total int64
	for _, task := range tasks {
		stat, err := os.ReadFile(filepath.Join(task, "schedstat"))
		if err != nil {
			return 0, fmt.Errorf("cannot read the CPU time: %w", err)
		}
		ran, err := strconv.ParseInt(strings.Fields(string(stat))[0], 10, 64)
		if err != nil {
			return 0, err
		}
		total += ran
		below, err := cpuOfChildren(task)
		if err != nil {
			return 0, err
		}
		total += below
	}
	return total, nil
}

func cpuOfChildren(task string) (int64, error) {
	children, err := os.ReadFile(filepath.Join(task, "children"))
	if err != nil {
		return 0, nil // a kernel without this file: only the process itself is counted
	}
	var total int64
	for _, child := range strings.Fields(string(children)) {
		pid, err := strconv.Atoi(child)
		if err != nil {
			return 0, err
		}
		ran, err := cpuOfTree(pid)
		if err != nil {
			return 0, err
		}
		total += ran
	}
	return total, nil
}
