import "./app.css";
import { mount } from "svelte";
import App from "./app/App.svelte";
import icon from "./app/icon.svg";

const target = document.getElementById("app");
if (!target) throw new Error("the page has no element with the id app");
const link = document.createElement("link");
link.rel = "icon";
link.type = "image/svg+xml";
link.href = icon;
document.head.append(link);

export default mount(App, { target });
