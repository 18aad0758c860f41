package command

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A counterexample of the prover's is saved, and is played from the file alone; changed,
// it does not agree.
func TestReplayASavedTrace(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "traces")
	out, _, err := run(t, "prove", "--strategy", "?v every", "--mode", "rolling", "--save-traces", dir)
	if err != nil || !strings.Contains(out, "for staleproof replay: 16 in "+dir) {
		t.Fatalf("%v\n%s", err, out)
	}
	file := filepath.Join(dir, "0001-v-everywhere-rolling-s1-stale-sticky.json")
	out, _, err = run(t, "replay", file)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{
		"?v everywhere / rolling, S1 STALE sticky: S1 STALE, sticky, “?v everywhere” deployed as “rolling”",
		"Ben’s page asks for the style sheet, /site.css?v=2.",
		"Ben gets 200 build 1 from cache values ✓ edge ✓ sockets ✓",
		"values ✓ agrees edge ✓ agrees sockets ✓ agrees",
	} {
		if !strings.Contains(strings.Join(strings.Fields(out), " "), want) {
			t.Errorf("not said: %s\n%s", want, out)
		}
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, map[string]string{"changed.json": strings.Replace(string(text), `"server": "s2"`, `"server": "s1"`, 1)})
	out, _, err = run(t, "replay", filepath.Join(dir, "changed.json"))
	if !errors.Is(err, ErrRefuted) || !strings.Contains(out, "✗ edge: Ann gets 200 build 2 from servers") ||
		!strings.Contains(out, "✗ differs: event 3: v1 was given 200 build 2 from servers, and not 200 build 1 from servers") {
		t.Errorf("%v\n%s", err, out)
	}
	if _, _, err = run(t, "replay", dir); err == nil || !strings.Contains(err.Error(), dir+" is a folder: name the files in it") {
		t.Error(err)
	}
	if _, _, err = run(t, "prove", "--save-traces", dir); err == nil || !strings.Contains(err.Error(), "there is something in it") {
		t.Error(err)
	}
}

// Counterexamples are taken from a report by their number.
func TestReplayFromAReport(t *testing.T) {
	out, _, err := run(t, "prove", "--json", "--strategy", "plain", "--mode", "atomic")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(write(t, t.TempDir(), map[string]string{"report.json": out}), "report.json")
	list, _, err := run(t, "replay", "--list", file)
	if err != nil || !strings.Contains(list, file+"#2  plain / atomic, S1 ") {
		t.Fatalf("%v\n%s", err, list)
	}
	out, _, err = run(t, "replay", "--json", "--on", "edge,values", file+"#2", "T17")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var got replays
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	if got.Schema != replaySchema || !got.Agreed || len(got.Replays) != 2 || got.Replays[1].Name != "T17" ||
		len(got.Replays[0].Levels) != 2 || got.Replays[0].Levels[0].Level != "values" || len(got.Replays[1].Steps) != 3 {
		t.Errorf("%+v", got)
	}
}

func TestReplayMistakes(t *testing.T) {
	dir := write(t, t.TempDir(), map[string]string{
		"empty.json": "", "schema.json": `{"schema": "x"}`, "list.json": "[]",
		"proved.json": `{"schema": "staleproof-report-1", "grids": []}`,
		"old.json":    `{"schema": "staleproof-report-1", "grids": [{"cells": [[{"strategy": "plain", "mode": "atomic", "verdicts": []}]]}]}`,
	})
	at := func(name string) string { return filepath.Join(dir, name) }
	for _, row := range []struct {
		args []string
		want string
	}{
		{nil, "replay wants a trace"},
		{[]string{"T99"}, `there is no published trace and no file "T99"`},
		{[]string{"T1", "--json"}, "stands after an argument"},
		{[]string{"--on", "paper", "T1"}, "--on paper is no level"},
		{[]string{"--list", "--json"}, "--list prints names"},
		{[]string{"--on", "chromium", "--browser", at("none"), "T1"}, "--on chromium: no Chromium is found"},
		{[]string{"--browser", "chromium", "T1"}, "--browser is about visitors on Chromium"},
		{[]string{at("empty.json")}, "empty.json: the file ends in the middle"},
		{[]string{at("schema.json")}, `schema.json: schema: "x", want "staleproof-trace-1"`},
		{[]string{at("list.json")}, "list.json: line 1:"},
		{[]string{at("proved.json")}, "everything in it is proved"},
		{[]string{at("old.json")}, "does not say which deploy it is about"},
		{[]string{dir}, "is a folder: name the files in it"},
	} {
		_, _, err := run(t, append([]string{"replay"}, row.args...)...)
		var coded interface{ ExitCode() int }
		if err == nil || !strings.Contains(err.Error(), row.want) || !errors.As(err, &coded) || coded.ExitCode() != 2 {
			t.Errorf("%v: %v, want %q and exit code 2", row.args, err, row.want)
		}
	}
}
