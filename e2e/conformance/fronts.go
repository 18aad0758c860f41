package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// frontPackage are the tests that ask an edge by viewers' requests. They can send them
// through a front: see proxy/through_test.go.
const frontPackage = "./proxy"

// notThroughFronts are tests whose viewers cannot be at the other end of a connection.
var notThroughFronts = map[string]string{
	"TestRequestLimits":        "counts the bytes of a head that was never written; proxy/front has the limits of one that was",
	"TestLargestObject":        "looks at a head that is not sent when the body breaks off with it",
	"TestWhatEventsTellTheLog": "looks for what is told after the last byte has gone",
}

// throughFronts plays the rows' tests through our front and through net/http alone, and
// says which failed, and which answers differ.
func throughFronts() (faults []string, answers int, err error) {
	dir, err := os.MkdirTemp("", "conformance-")
	if err != nil {
		return nil, 0, err
	}
	defer os.RemoveAll(dir)
	var said [2][]string
	for i, front := range []string{"own", "net/http"} {
		file := filepath.Join(dir, fmt.Sprint(i))
		failed, err := playThrough(front, file)
		if err != nil {
			return nil, 0, err
		}
		faults = append(faults, failed...)
		if said[i], err = readAnswers(file); err != nil {
			return nil, 0, err
		}
	}
	return append(faults, unlike(said[0], said[1])...), len(said[0]), nil
}

// playThrough runs the tests with their viewers behind front, and their answers in file.
func playThrough(front, file string) (failed []string, err error) {
	var skip []string
	for test := range notThroughFronts {
		skip = append(skip, "^"+test+"$")
	}
	cmd := exec.Command("go", "test", "-count=1", "-timeout=10m", "-skip", strings.Join(skip, "|"), frontPackage)
	cmd.Env = append(os.Environ(), "STALEPROOF_FRONT="+front, "STALEPROOF_ANSWERS="+file)
	out, err := cmd.CombinedOutput()
	if err == nil {
		return nil, nil
	}
	for _, m := range regexp.MustCompile(`(?m)^\s*--- FAIL: (\S+)`).FindAllSubmatch(out, -1) {
		failed = append(failed, fmt.Sprintf("%s: fails through the front %s", strings.ReplaceAll(string(m[1]), "_", " "), front))
	}
	if len(failed) == 0 {
		return nil, fmt.Errorf("%s through the front %s: %w\n%s", frontPackage, front, err, out)
	}
	return failed, nil
}

// readAnswers are the lines of a file in order: tests run beside each other.
func readAnswers(file string) ([]string, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("no answers were written down: %w", err)
	}
	defer f.Close()
	var lines []string
	in := bufio.NewScanner(f)
	in.Buffer(nil, 64<<20)
	for in.Scan() {
		lines = append(lines, in.Text())
	}
	slices.Sort(lines)
	return lines, in.Err()
}

// unlike are the answers of which the other front gave fewer. Both lists are sorted.
func unlike(ours, theirs []string) (faults []string) {
	say := func(front, line string) {
		faults = append(faults, fmt.Sprintf("only through the front %s: %.400s", front, line))
	}
	i, j := 0, 0
	for i < len(ours) && j < len(theirs) {
		switch strings.Compare(ours[i], theirs[j]) {
		case 0:
			i, j = i+1, j+1
		case -1:
			say("own", ours[i])
			i++
		default:
			say("net/http", theirs[j])
			j++
		}
	}
	for ; i < len(ours); i++ {
		say("own", ours[i])
	}
	for ; j < len(theirs); j++ {
		say("net/http", theirs[j])
	}
	return faults
}
