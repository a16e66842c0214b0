// Charts by ECharts, loaded only where there is one; colours come from the theme, and each has a table.
(() => {
  const source = document.currentScript.dataset.echarts;
  const color = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const language = document.documentElement.lang;
  const number = new Intl.NumberFormat(language, { notation: "compact" });
  const drawn = new Map();

  function axis(kind, labels, extra) {
    const line = { lineStyle: { color: color("--line-strong") } };
    const words = { color: color("--ink-3"), fontSize: 12 };
    if (kind === "category") return { type: kind, data: labels, axisLine: line, axisTick: { show: false }, axisLabel: words, ...extra };
    return { type: kind, axisLabel: { ...words, formatter: (value) => number.format(value) }, splitLine: { lineStyle: { color: color("--line") } }, ...extra };
  }

  function option({ kind, labels, series, stacked }) {
    const lying = kind === "funnel" || kind === "bars";
    const palette = [1, 2, 3, 4, 5].map((n) => color(`--chart-${n}`));
    const category = axis("category", labels, lying ? { inverse: true, axisLine: { show: false } } : {});
    const value = axis("value", null, lying ? { splitLine: { show: false }, axisLabel: { show: false } } : {});
    return {
      color: palette, animationDuration: 200,
      textStyle: { fontFamily: color("--font"), color: color("--ink-2") },
      grid: { left: 0, right: lying ? 56 : 8, top: series.length > 1 ? 36 : 12, bottom: 4, containLabel: true },
      legend: series.length > 1 ? { top: 0, left: 0, icon: "circle", itemWidth: 8, itemHeight: 8, textStyle: { color: color("--ink-2") } } : { show: false },
      // Rich text, not HTML: the content policy forbids the style attributes of an HTML tooltip.
      tooltip: { trigger: "axis", renderMode: "richText", confine: true, axisPointer: { type: kind === "line" ? "line" : "shadow" }, backgroundColor: color("--paper"), borderColor: color("--line-strong"), textStyle: { color: color("--ink"), fontSize: 12 } },
      xAxis: lying ? value : category,
      yAxis: lying ? category : value,
      series: series.map((one) => ({
        name: one.name, data: one.values, type: kind === "line" ? "line" : "bar", stack: stacked ? "all" : undefined,
        barMaxWidth: 28, symbol: "circle", symbolSize: 6, showSymbol: labels.length < 20, lineStyle: { width: 2 },
        itemStyle: kind === "line" ? {} : { borderRadius: lying ? [0, 4, 4, 0] : [4, 4, 0, 0] },
        label: lying ? { show: true, position: "right", color: color("--ink-2"), formatter: ({ value: n }) => number.format(n) } : { show: false },
      })),
    };
  }

  function draw(figure) {
    const canvas = figure.querySelector(".chart-canvas");
    const data = JSON.parse(document.getElementById(figure.dataset.chart).textContent);
    const chart = drawn.get(canvas) || echarts.init(canvas, null, { renderer: "svg" });
    drawn.set(canvas, chart);
    chart.setOption(option(data), true);
  }
  function drawAll() {
    for (const canvas of drawn.keys()) if (!canvas.isConnected) { drawn.get(canvas).dispose(); drawn.delete(canvas); }
    document.querySelectorAll("[data-chart]").forEach(draw);
  }
  function begin() {
    if (!document.querySelector("[data-chart]")) return;
    if (window.echarts) return drawAll();
    const script = document.createElement("script");
    script.src = source;
    script.onload = drawAll;
    document.head.append(script);
  }

  document.addEventListener("click", (event) => {
    const twin = event.target.closest("[data-chart-twin]");
    if (!twin) return;
    const figure = twin.closest("[data-chart]"), table = figure.querySelector(".chart-table");
    table.hidden = !table.hidden;
    figure.querySelector(".chart-canvas").hidden = !table.hidden;
    twin.setAttribute("aria-pressed", !table.hidden);
    if (table.hidden) drawn.get(figure.querySelector(".chart-canvas"))?.resize();
  });
  addEventListener("resize", () => drawn.forEach((chart) => chart.resize()));
  new MutationObserver(() => window.echarts && drawAll()).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
  document.body.addEventListener("htmx:afterSettle", begin);
  begin();
})();
