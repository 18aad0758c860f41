package prove

import (
	"fmt"
	"time"
)

// Mode is a deploy as a partial order of steps; every order that respects it is
// explored.
type Mode struct {
	Name  string `json:"name"`
	Steps []Step `json:"steps"`
}

// Step is one primitive step, done at once.
type Step struct {
	Name string `json:"name"`
	// After lists the indexes of steps that must be done before, all lower than
	// its own. nil: the step before it. Empty but not nil: none.
	After []int `json:"after"`

	Do     Act           `json:"do"`
	Build  int           `json:"build,omitempty"`  // Put: the build, 1-based; Delete: whose files
	Server int           `json:"server,omitempty"` // 1-based; 0: all at once
	Files  Select        `json:"files,omitempty"`  // Put, Delete, Tear
	Names  []string      `json:"names,omitempty"`  // with Named
	Tier   string        `json:"tier,omitempty"`   // Invalidate: "edge" (every location), "edge 2", "regional"; "": all
	Items  []string      `json:"items,omitempty"`  // Invalidate; nil: "/*"
	For    time.Duration `json:"for,omitempty"`    // Wait: whole seconds

	inv uint8 // Invalidate: number of the invalidation in a model
}

// Act is what a step does.
type Act string

const (
	Put        Act = "put"        // write files of a build; what has another path stays
	Tear       Act = "tear"       // files are half written: bytes of no build
	Delete     Act = "delete"     // remove files whose path no other build uses that was put before
	Remove     Act = "remove"     // remove files, whoever uses their path
	Invalidate Act = "invalidate" // on a tier
	Wait       Act = "wait"       // at least so long
)

// Select picks files of a build.
type Select string

const (
	All     Select = ""        // every file
	Pages   Select = "pages"   // documents
	Assets  Select = "assets"  // all but documents
	Parents Select = "parents" // assets that refer to others
	Leaves  Select = "leaves"  // assets that refer to none
	Named   Select = "named"   // those in Names
	Plain   Select = "plain"   // all but compressed copies
	Copies  Select = "copies"  // compressed copies
)

// put is the step that writes files of a build to all servers.
func put(name string, build int, files Select) Step {
	return Step{Name: name, Do: Put, Build: build, Files: files}
}

func invalidateAll() Step { return Step{Name: "invalidate /*", Do: Invalidate} }

// Modes are the columns of the matrix: ways to bring build 2 where build 1 is.
func Modes() []Mode {
	two := put("switch to 2", 2, All)
	s1 := Step{Name: "s1 switches to 2", Do: Put, Build: 2, Server: 1}
	s2 := Step{Name: "s2 switches to 2", Do: Put, Build: 2, Server: 2}
	html, css, img := put("html of 2", 2, Pages), put("css of 2", 2, Parents), put("img of 2", 2, Leaves)
	html1, html2 := s1, s2
	html1.Name, html1.Files = "s1 gives html of 2", Pages
	html2.Name, html2.Files = "s2 gives html of 2", Pages
	return []Mode{
		{"atomic", []Step{two}},
		{"atomic, invalidate", []Step{two, invalidateAll()}},
		{"html first", []Step{html, css, img}},
		{"css, img, html", []Step{css, img, html}},
		{"leaf first", []Step{img, css, html}},
		{"upload, invalidate, prune", []Step{img, css, html, invalidateAll(), {Name: "prune 1", Do: Delete, Build: 1}}},
		{"rolling", []Step{s1, s2}},
		{"rolling, invalidate", []Step{s1, s2, invalidateAll()}},
		{"assets everywhere, roll", []Step{put("assets of 2", 2, Assets), html1, html2}},
		{"atomic, rollback", []Step{two, put("back to 1", 1, All)}},
		{"rollback, invalidate", []Step{two, put("back to 1", 1, All), invalidateAll()}},
	}
}

// MoreModes are further ways to deploy, which the published matrix does not have.
func MoreModes() []Mode {
	two, html := put("switch to 2", 2, All), put("html of 2", 2, Pages)
	first := invalidateAll()
	free := func(s Step) Step { s.After = []int{}; return s }
	assets := func(server int) Step {
		return free(Step{Name: fmt.Sprintf("assets of 2 on s%d", server), Do: Put, Build: 2, Server: server, Files: Assets})
	}
	page := func(server int) Step {
		return Step{Name: fmt.Sprintf("s%d gives html of 2", server), Do: Put, Build: 2, Server: server, Files: Pages, After: []int{0, 1}}
	}
	last := page(2)
	last.After = []int{2}
	after := func(s Step, steps ...int) Step { s.After = steps; return s }
	return []Mode{
		{"invalidate, atomic", []Step{first, two}},
		{"in place, any order", []Step{free(put("img of 2", 2, Leaves)), free(put("css of 2", 2, Parents)), free(html)}},
		{"in place, any order, invalidate", []Step{
			free(put("img of 2", 2, Leaves)), free(put("css of 2", 2, Parents)), free(html), after(invalidateAll(), 0, 1, 2),
		}},
		{"assets server by server, roll", []Step{assets(1), assets(2), page(1), last}},
		{"sync --delete, upload", []Step{
			{Name: "delete assets of 1", Do: Remove, Build: 1, Files: Assets}, put("assets of 2", 2, Assets), html, invalidateAll(),
		}},
		{"upload, wait a day, prune", []Step{
			put("assets of 2", 2, Assets), html, {Name: "wait 25 h", Do: Wait, For: 25 * time.Hour}, {Name: "prune 1", Do: Delete, Build: 1},
		}},
	}
}

// CopyModes are ways to deploy compressed copies by themselves: with the files, after
// them, or, when nobody has compressed again, not at all.
func CopyModes() []Mode {
	files, copies := put("files of 2", 2, Plain), put("copies of 2", 2, Copies)
	return []Mode{
		{"copies left behind", []Step{files}},
		{"copies last", []Step{files, copies}},
		{"copies last, invalidate", []Step{files, copies, invalidateAll()}},
		{"copies first", []Step{copies, files}},
	}
}

// waitOf is how long a step waits.
func waitOf(s *Step) time.Duration {
	if s.Do == Wait {
		return s.For
	}
	return 0
}
