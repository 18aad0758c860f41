package scenarios

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// judge compares what a step brought with what is expected.
func (e *Expect) judge(rep *StepReport) {
	if e.Fetched != nil && len(rep.Fetched) != *e.Fetched {
		rep.problem("fetched %d, want %d", len(rep.Fetched), *e.Fetched)
	}
	for i, a := range rep.Answers {
		if a.Left {
			continue
		}
		want := *e
		if i > 0 && e.Others != nil {
			want = e.over(e.Others)
		}
		for _, p := range want.differ(&a) {
			if len(rep.Answers) > 1 {
				p = fmt.Sprintf("viewer %d: %s", i+1, p)
			}
			rep.problem("%s", p)
		}
	}
}

// over is e where o says nothing.
func (e *Expect) over(o *Expect) Expect {
	out := *e
	pick(&out.Status, o.Status)
	pick(&out.Result, o.Result)
	pick(&out.Reason, o.Reason)
	pick(&out.Body, o.Body)
	pick(&out.Cut, o.Cut)
	pick(&out.Age, o.Age)
	if len(o.Header) > 0 {
		out.Header = maps.Clone(e.Header)
		if out.Header == nil {
			out.Header = map[string]*string{}
		}
		maps.Copy(out.Header, o.Header)
	}
	return out
}

func pick[T any](into **T, from *T) {
	if from != nil {
		*into = from
	}
}

// differ says in what an answer is not as expected.
func (e *Expect) differ(a *Answer) (problems []string) {
	differ := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(format, args...)) }
	if a.Err != nil {
		return []string{"no answer: " + a.Err.Error()}
	}
	if e.Status != nil && a.Status != *e.Status {
		differ("status %d, want %d", a.Status, *e.Status)
	}
	if e.Result != nil && a.Result != *e.Result {
		differ("result %s (%s), want %s", a.Result, a.Reason, *e.Result)
	}
	if e.Reason != nil && !strings.HasPrefix(a.Reason, *e.Reason) {
		differ("reason %q, want %q", a.Reason, *e.Reason)
	}
	if e.Body != nil && a.Body != *e.Body {
		differ("body %s, want %q", short(a.Body), *e.Body)
	}
	if want := e.Cut != nil && *e.Cut; a.Cut != want {
		differ("the body %s, want one that %s", breaks(a.Cut), breaks(want))
	}
	for _, name := range slices.Sorted(maps.Keys(e.Header)) {
		got, there := a.Header[name]
		switch want := e.Header[name]; {
		case want == nil && there:
			differ("header %s is %q, want none", name, strings.Join(got, ", "))
		case want != nil && !there:
			differ("no header %s, want %q", name, *want)
		case want != nil && strings.Join(got, ", ") != *want:
			differ("header %s is %q, want %q", name, strings.Join(got, ", "), *want)
		}
	}
	if e.Age != nil {
		if got, want := a.Header.Get("Age"), ageText(*e.Age); got != want {
			differ("age %s, want %s", ageName(got), ageName(want))
		}
	}
	return problems
}

func breaks(cut bool) string {
	if cut {
		return "broke off"
	}
	return "is whole"
}

// ageText is an Age header; -1 stands for none.
func ageText(seconds int) string {
	if seconds < 0 {
		return ""
	}
	return strconv.Itoa(seconds)
}

func ageName(header string) string {
	if header == "" {
		return "none"
	}
	return header
}

// maxShown is how much of a body a message shows, in bytes.
const maxShown = 120

func short(body string) string {
	if len(body) > maxShown {
		return strconv.Quote(body[:maxShown]) + fmt.Sprintf(" and %d bytes more", len(body)-maxShown)
	}
	return strconv.Quote(body)
}
