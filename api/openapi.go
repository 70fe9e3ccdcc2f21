package api

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
)

// openAPI describes REST, made from the protos.
//
//go:embed gen/churnwatch.swagger.json
var openAPI []byte

func serveOpenAPI(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(openAPI) // The client is gone when this fails.
}

// queryParameters returns, by route, the names that a query may hold.
func queryParameters() (map[string][]string, error) {
	var document struct {
		Paths map[string]map[string]struct {
			Parameters []struct{ Name, In string }
		}
	}
	if err := json.Unmarshal(openAPI, &document); err != nil {
		return nil, fmt.Errorf("openapi document: %w", err)
	}
	out := map[string][]string{}
	for route, methods := range document.Paths {
		for _, method := range methods {
			for _, p := range method.Parameters {
				if p.In == "query" {
					out[route] = append(out[route], p.Name)
				}
			}
		}
	}
	return out, nil
}
