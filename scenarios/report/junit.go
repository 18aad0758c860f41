package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"staleproof/scenarios/prove"
)

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string      `xml:"name,attr"`
	Class   string      `xml:"classname,attr"`
	Failure *junitFault `xml:"failure"`
	Error   *junitFault `xml:"error"`
	Output  *junitText  `xml:"system-out"`
}

type junitFault struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",cdata"`
}

type junitText struct {
	Text string `xml:",cdata"`
}

// JUnit writes a test suite for each cell and a test case for each verdict: REFUTED is
// a failure with the story as its text, UNKNOWN an error, and PROVED says in its
// output by which method and under which assumptions. There are no times: the same
// report gives the same bytes.
func JUnit(w io.Writer, r Report) error {
	all := junitSuites{Name: xmlText(r.title())}
	for _, g := range r.Grids {
		for i, row := range g.Cells {
			for j, c := range row {
				s := suite(g, c, i, j)
				all.Suites = append(all.Suites, s)
				all.Tests += s.Tests
				all.Failures += s.Failures
				all.Errors += s.Errors
			}
		}
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(all); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func suite(g prove.Grid, c prove.Cell, row, column int) junitSuite {
	s := junitSuite{Name: xmlText(strings.Trim(g.CDN+": "+c.Strategy+", "+c.Mode, ":, "))}
	for _, v := range c.Verdicts {
		k := junitCase{Name: xmlText(string(v.Property) + " " + v.Property.Title()), Class: s.Name}
		switch v.Status {
		case prove.Proved:
			k.Output = &junitText{xmlText(v.Method + "\nassumptions: " + assumptions(v) + "\n")}
		case prove.Refuted:
			k.Name += xmlText(fmt.Sprintf(": %s, %s", v.Class, how(v.Sticky)))
			k.Failure = &junitFault{
				Message: xmlText(fmt.Sprintf("%s, %s: %s", v.Class, how(v.Sticky), classWords(v.Class))),
				Type:    xmlText(string(v.Class)), Text: xmlText(plain(g, Example{c, v, row, column})),
			}
			s.Failures++
		default:
			k.Error = &junitFault{Message: xmlText(v.Cause), Type: string(prove.Unknown), Text: xmlText(v.Method + "\n")}
			s.Errors++
		}
		s.Cases = append(s.Cases, k)
		s.Tests++
	}
	return s
}

// plain tells a counterexample in unwrapped lines.
func plain(g prove.Grid, e Example) string {
	s := tell(e.Verdict.Trace)
	var out strings.Builder
	for _, l := range s.lines {
		fmt.Fprintf(&out, "%s. %s\n", l.Number, l.Text)
	}
	if len(s.lines) > 0 {
		fmt.Fprintf(&out, "What this means: %s\nVersioned paths: %s\n", meaning(e.Verdict, s), beside(g, e))
	}
	if a := failed(e.Verdict); a != "" {
		fmt.Fprintf(&out, "What failed: %s\n", a)
	}
	if e.Verdict.Repair != "" {
		fmt.Fprintf(&out, "Cheapest repair: %s\n", e.Verdict.Repair)
	}
	return out.String()
}

// xmlText keeps what XML 1.0 can hold; other characters become visible, since some
// readers of JUnit files stop at them.
func xmlText(s string) string {
	var out strings.Builder
	for _, r := range s {
		if r < 0x20 && r != '\n' && r != '\t' || r == 0xfffd || r == 0xfffe || r == 0xffff || r == 0x7f {
			fmt.Fprintf(&out, "\\u%04x", r)
			continue
		}
		out.WriteRune(r)
	}
	return out.String()
}
