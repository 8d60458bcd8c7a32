// Opens a page as a person does and waits until it says certain things: read_page.mjs LOGIN_ADDRESS PATH TEXT...
// Exit 1, with what the page says instead, when it does not say them all within ten seconds, or when the browser complains.
import { openBrowser, openPage } from "./harness.mjs";

const [login, path, ...texts] = process.argv.slice(2);
const browser = await openBrowser();
const { page, seen } = await openPage(browser, { loginUrl: async () => login });
await page.goto(new URL(path, login).href);
const says = () => page.locator("main").innerText();
const missing = (text) => texts.filter((wanted) => !text.includes(wanted));
for (const end = Date.now() + 10_000; Date.now() < end && missing(await says()).length > 0;) await page.waitForTimeout(100);
const text = await says();
await browser.close();
if (missing(text).length > 0 || seen.errors.length > 0) {
  console.error(`the page lacks ${JSON.stringify(missing(text))}, the browser says ${JSON.stringify(seen.errors)}; the page: ${text}`);
  process.exitCode = 1;
}
