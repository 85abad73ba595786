const place = new URL("/graphql", location.href);
const socket = new URL(place);
socket.protocol = place.protocol === "https:" ? "wss:" : "ws:";

const fetcher = GraphiQL.createFetcher({
  url: place.href,
  wsClient: graphqlWs.createClient({ url: socket.href, lazy: true }),
});

const defaultQuery = `# Ctrl-Space offers what fits; Ctrl-Enter sends the query.
{
  users {
    name
    posts {
      title
      createdAt
    }
  }
}
`;

ReactDOM.render(
  React.createElement(GraphiQL, { fetcher, defaultQuery }),
  document.getElementById("graphiql"),
);
